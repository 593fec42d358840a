import { invalidArgument } from '../recac-error.ts';

const labelShape = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomainShape = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const reservedNamespaces: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];

/** Checks a namespace: a DNS-1123 label of at most 63 characters, and none of Kubernetes' own. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateNamespace(name: string, field = 'namespace'): void {
  const nextStep = 'Use a name such as recac-agents.';
  if (name.length > 63)
    throw invalidArgument(field, `must have at most 63 characters (it has ${name.length})`, nextStep);
  if (!labelShape.test(name)) {
    throw invalidArgument(
      field,
      'must be lower-case letters, digits and "-", with a letter or digit at both ends',
      nextStep,
    );
  }
  if (reservedNamespaces.includes(name))
    throw invalidArgument(field, "must not be one of Kubernetes' own namespaces", nextStep);
}

/** Checks the name of an object, such as a PersistentVolumeClaim: a DNS-1123 subdomain of at most 253 characters. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateObjectName(name: string, field = 'name'): void {
  const nextStep = 'Use a name such as recac-workspace.';
  if (name.length > 253)
    throw invalidArgument(field, `must have at most 253 characters (it has ${name.length})`, nextStep);
  if (!subdomainShape.test(name)) {
    throw invalidArgument(
      field,
      'must be lower-case letters, digits, "-" and ".", with a letter or digit at both ends',
      nextStep,
    );
  }
}
