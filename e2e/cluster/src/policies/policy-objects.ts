/** What the enforcer needs of an object's metadata. */
export interface Metadata {
  readonly name: string;
  /** Default: none, as for a Namespace. */
  readonly namespace?: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An object with names and labels, such as a Namespace. */
export interface LabelledObject {
  readonly metadata: Metadata;
}

/** A pod, of core/v1. */
export interface PolicyPod extends LabelledObject {
  readonly spec: {
    readonly hostNetwork?: boolean;
    readonly containers: readonly {
      readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol?: string;
      }[];
    }[];
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

/** A selector of labels, of meta/v1. An empty one selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** One side of a rule: pods, by selectors, or a range of addresses. */
export interface PolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

/** A port of a rule: a number, a name, or with `endPort` a range. */
export interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

/** A NetworkPolicy, of networking.k8s.io/v1, with what the API server fills in. */
export interface NetworkPolicy extends LabelledObject {
  readonly spec: {
    readonly podSelector: LabelSelector;
    readonly policyTypes: readonly ('Ingress' | 'Egress')[];
    readonly ingress?: readonly { readonly from?: readonly PolicyPeer[]; readonly ports?: readonly PolicyPort[] }[];
    readonly egress?: readonly { readonly to?: readonly PolicyPeer[]; readonly ports?: readonly PolicyPort[] }[];
  };
}

/** The objects that decide which packets pass. */
export interface ClusterObjects {
  readonly policies: readonly NetworkPolicy[];
  readonly namespaces: readonly LabelledObject[];
  readonly pods: readonly PolicyPod[];
}
