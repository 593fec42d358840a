import { Buffer } from 'node:buffer';

/** A rule that the kernel asks before it looks for a way, in ascending order of priority. */
export interface RouteRule {
  /** Smaller goes first. */
  readonly priority: number;
  /** The table to look into. Default: none, the packet is refused. */
  readonly table?: number;
  /** Only packets of sockets that are bound to this interface. Default: all. */
  readonly boundTo?: string;
  /** Only packets to this address. Default: all. */
  readonly address?: string;
  /** Only packets of this protocol to port 53. Default: all. */
  readonly dnsOver?: 'udp' | 'tcp';
  /** Default: 4. */
  readonly family?: 4 | 6;
}

/** A way to a range of addresses. */
export interface Route {
  /** The table it stands in. */
  readonly table: number;
  /** The range: `10.0.0.0/8`. */
  readonly range: string;
  /** Where packets go. Default: nowhere, the sender gets an error at once. */
  readonly via?: string;
}

const messageType = { route: 24, rule: 32 } as const;
/** Request, acknowledge, create, fail when it exists. */
const createFlags = 0x1 | 0x4 | 0x400 | 0x200;
const family = { 4: 2, 6: 10 } as const;
const routeAttribute = { destination: 1, gateway: 5, table: 15 } as const;
const ruleAttribute = { destination: 1, priority: 6, table: 15, outgoing: 17, protocol: 22, ports: 24 } as const;
const protocolNumber = { tcp: 6, udp: 17 } as const;
const action = { lookUp: 1, unreachable: 7 } as const;
const routeType = { unicast: 1, unreachable: 7 } as const;
const protocolStatic = 4;

/** The netlink message that adds a route (linux/rtnetlink.h). Byte order is little-endian. */
export function toRouteMessage({ table, range, via }: Route): Buffer {
  const [address = '', length = '32'] = range.split('/');
  const type = via === undefined ? routeType.unreachable : routeType.unicast;
  const header = Buffer.from([family[4], Number(length), 0, 0, 0, protocolStatic, 0, type, 0, 0, 0, 0]);
  return toMessage(messageType.route, [
    header,
    toAttribute(routeAttribute.table, toWord(table)),
    toAttribute(routeAttribute.destination, toAddress(address)),
    ...(via === undefined ? [] : [toAttribute(routeAttribute.gateway, toAddress(via))]),
  ]);
}

/** The netlink message that adds a rule (linux/fib_rules.h). Byte order is little-endian. */
export function toRuleMessage(rule: RouteRule): Buffer {
  const { priority, table, boundTo, address, dnsOver } = rule;
  const bits = address === undefined ? 0 : 32;
  const what = table === undefined ? action.unreachable : action.lookUp;
  const attributes = [toAttribute(ruleAttribute.priority, toWord(priority))];
  if (table !== undefined) attributes.push(toAttribute(ruleAttribute.table, toWord(table)));
  if (address !== undefined) attributes.push(toAttribute(ruleAttribute.destination, toAddress(address)));
  if (boundTo !== undefined) attributes.push(toAttribute(ruleAttribute.outgoing, Buffer.from(`${boundTo}\0`)));
  if (dnsOver !== undefined) {
    attributes.push(toAttribute(ruleAttribute.protocol, Buffer.from([protocolNumber[dnsOver]])));
    attributes.push(toAttribute(ruleAttribute.ports, Buffer.from([53, 0, 53, 0])));
  }
  const header = Buffer.from([family[rule.family ?? 4], bits, 0, 0, 0, 0, 0, what, 0, 0, 0, 0]);
  return toMessage(messageType.rule, [header, ...attributes]);
}

function toMessage(type: number, parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(16);
  const message = Buffer.concat([header, ...parts]);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(createFlags, 6);
  message.writeUInt32LE(1, 8);
  return message;
}

function toAttribute(type: number, value: Buffer): Buffer {
  const length = 4 + value.length;
  const attribute = Buffer.alloc(Math.ceil(length / 4) * 4);
  attribute.writeUInt16LE(length, 0);
  attribute.writeUInt16LE(type, 2);
  value.copy(attribute, 4);
  return attribute;
}

function toWord(value: number): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(value);
  return word;
}

function toAddress(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}
