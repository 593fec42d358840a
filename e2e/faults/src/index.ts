export { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
export type { Fault, FaultRule } from './fault.ts';
export { type ApiProxy, startApiProxy } from './kubernetes/api-proxy.ts';
