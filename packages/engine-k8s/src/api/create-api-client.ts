import type { ClusterAccess } from '../cluster/cluster-access.ts';
import type { ApiClient } from './api-client.ts';
import { HttpApiClient } from './http-api-client.ts';

/** A client of the cluster's API server. Opens no connection before the first call. */
export function createApiClient(access: ClusterAccess): ApiClient {
  return new HttpApiClient(access);
}
