/** What the daemon tells of an image. */
export interface ImagePlatform {
  /** Operating system, such as `linux`. */
  readonly Os?: string | undefined;
  /** Architecture, such as `amd64`. */
  readonly Architecture?: string | undefined;
  /** Variant, such as `v8`. */
  readonly Variant?: string | undefined;
}

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  i386: '386',
};
const usualVariants: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' };

/** True when an image is for the platform, written `os/architecture[/variant]`. A platform without a variant takes any. */
export function isForPlatform({ Os = '', Architecture = '', Variant = '' }: ImagePlatform, platform: string): boolean {
  const [os, architecture = '', variant] = platform.split('/');
  const wanted = normalize(architecture);
  if (Os !== os || normalize(Architecture) !== wanted) return false;
  return variant === undefined || (Variant || usualVariants[wanted]) === variant;
}

/** A platform, written `os/architecture[/variant]`, as the OCI writes it in JSON. */
export function toOciPlatform(platform: string): Readonly<Record<string, string>> {
  const [os = '', architecture = '', variant] = platform.split('/');
  return { os, architecture: normalize(architecture), ...(variant === undefined ? {} : { variant }) };
}

/** The platform of an image in words: `linux/arm64/v8`. */
export function describePlatform({ Os = '', Architecture = '', Variant = '' }: ImagePlatform): string {
  return [Os, Architecture, Variant].filter((part) => part !== '').join('/');
}

function normalize(architecture: string): string {
  return architectures[architecture] ?? architecture;
}
