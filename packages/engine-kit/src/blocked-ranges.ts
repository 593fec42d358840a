/** Where a machine's own addresses are, for IPv4. */
export const loopbackRange4 = '127.0.0.0/8';

/**
 * IPv4 that the preset `internet` does not reach: IANA's special-purpose ranges, and 168.63.129.16, where Azure answers its machines. Addresses set aside for documentation are
 * no danger: nobody has them.
 */
export const blockedRanges4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  loopbackRange4,
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32',
] as const;

/** IPv6 that the preset `internet` does not reach: local, private, multicast, and those that lead to IPv4 addresses (mapped, NAT64, 6to4). */
export const blockedRanges6 = [
  '::/8',
  '64:ff9b::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;
