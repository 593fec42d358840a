import { invalidArgument } from '../recac-error.ts';

const part = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const shape = new RegExp(`^${part}(\\.${part}){3}$`);

/** Checks an IPv4 address: four numbers up to 255 with dots between them. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateIpv4Address(address: string, field = 'address'): void {
  if (!shape.test(address))
    throw invalidArgument(field, 'must be an IPv4 address', 'Write it as 192.0.2.1, without a range or a port.');
}
