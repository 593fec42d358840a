/** Any field of Kubernetes that we hand on without looking into it. */
export type OpaqueFields = { readonly [field: string]: unknown };

/** A variable of a container. */
export interface ContainerVariable extends OpaqueFields {
  /** Its name. */
  readonly name: string;
  /** Its value, with `$(` and `$$` escaped. Absent when it comes from elsewhere (`valueFrom`). */
  readonly value?: string;
}

/** Where a volume is seen in a container. */
export interface VolumeMount extends OpaqueFields {
  /** Name of the volume. */
  readonly name: string;
  /** Absolute path inside. */
  readonly mountPath: string;
  /** Directory inside the volume. Default: its root. */
  readonly subPath?: string;
  /** Default: false. */
  readonly readOnly?: boolean;
}

/** A container of a pod template; fields as in core/v1. */
export interface ContainerTemplate extends OpaqueFields {
  /** Name, unique in the pod. */
  readonly name: string;
  /** Image. */
  readonly image?: string;
  /** Program and arguments. */
  readonly command?: readonly string[];
  /** Variables. */
  readonly env?: readonly ContainerVariable[];
  /** Mounts. */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Requests and limits. */
  readonly resources?: OpaqueFields;
  /** What it may do. */
  readonly securityContext?: OpaqueFields;
}

/** A volume of a pod template. */
export interface Volume extends OpaqueFields {
  /** Name, unique in the pod. */
  readonly name: string;
}

/** A toleration of a taint, as in core/v1. */
export interface Toleration {
  /** Key of the taint. Default: all keys, with operator `Exists`. */
  readonly key?: string;
  /** Default: `Equal`. */
  readonly operator?: 'Exists' | 'Equal' | 'Lt' | 'Gt';
  /** Value of the taint. */
  readonly value?: string;
  /** Default: all effects. */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long a `NoExecute` taint is tolerated. Default: for ever. */
  readonly tolerationSeconds?: number;
}

/** The pod specification of a template; fields that we set by name, others handed on. */
export interface PodTemplateSpec extends OpaqueFields {
  /** When a container that ended is started again. */
  readonly restartPolicy?: 'Never' | 'OnFailure';
  /** Containers; ours is named `agent`. */
  readonly containers: readonly ContainerTemplate[];
  /** Containers that run before. */
  readonly initContainers?: readonly ContainerTemplate[];
  /** Volumes. */
  readonly volumes?: readonly Volume[];
  /** Secrets with registry credentials. */
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  /** Labels that a node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that are tolerated. */
  readonly tolerations?: readonly Toleration[];
  /** What the pod may do. */
  readonly securityContext?: OpaqueFields;
}

/** What a Job makes its pod from. */
export interface PodTemplate {
  /** Labels and annotations of the pod. */
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** The pod. */
  readonly spec: PodTemplateSpec;
}
