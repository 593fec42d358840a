import { type CallOptions, type ContainerEngine, RecacError } from '@recac/engine-core';

/** What a command of an environment finds when it looks at itself. */
export interface IsolationReport {
  /** uid:gid that commands run as. */
  readonly user: string;
  /** Names of the capabilities that a command has, `CAP_` left out, such as `SETUID`; an unknown one is its number. */
  readonly capabilities: readonly string[];
  /** It cannot gain rights by a setuid program. */
  readonly noNewPrivileges: boolean;
  /** System calls are filtered. */
  readonly seccomp: boolean;
  /** The root file system is mounted read-only. */
  readonly readOnlyRoot: boolean;
  /** uid 0 inside is another user outside. */
  readonly userNamespace: boolean;
  /** A token of a Kubernetes service account is there. */
  readonly serviceAccountToken: boolean;
  /** A Docker socket is there: it gives the machine away. */
  readonly dockerSocket: boolean;
}

/** In the order of their numbers (capability.h of Linux 6). */
const capabilityNames =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** POSIX sh that needs no program: reads, and prints a word and a value for each thing. */
const script = `
while read -r k v r; do
  case $k in Uid:|Gid:|CapEff:|NoNewPrivs:|Seccomp:) echo "$k $v" ;; esac
done </proc/self/status
while read -r d m t o r; do
  [ "$m" != / ] || case ",$o," in *,ro,*) root=ro ;; *) root=rw ;; esac
done </proc/mounts
echo "Root: $root"
read -r inside outside count </proc/self/uid_map
echo "UidMap: $inside:$outside"
[ ! -e /var/run/secrets/kubernetes.io/serviceaccount/token ] || echo 'Token: yes'
[ ! -S /run/docker.sock ] && [ ! -S /var/run/docker.sock ] || echo 'Socket: yes'
`;

/**
 * Looks from inside at how an environment is isolated: runtimes ignore settings that they do not know without a word, so what was asked for proves nothing. Errors: those of
 * `exec`, and `RECAC_EXEC_FAILED` where it could not be read.
 */
export async function inspectIsolation(
  engine: ContainerEngine,
  environmentId: string,
  options: CallOptions = {},
): Promise<IsolationReport> {
  const { stdout, stderr, outcome } = await engine.exec(environmentId, ['sh', '-c', script], options);
  const facts = new Map(stdout.split('\n').map((line) => line.split(': ') as [string, string]));
  if (outcome.type !== 'exited' || !facts.has('CapEff') || !facts.has('Root'))
    throw new RecacError('RECAC_EXEC_FAILED', 'the isolation of the environment could not be read. Is there /proc?', {
      details: { outcome, stderr },
    });
  const [inside, outside] = (facts.get('UidMap') ?? '').split(':');
  return {
    user: `${facts.get('Uid')}:${facts.get('Gid')}`,
    capabilities: toCapabilityNames(facts.get('CapEff') ?? ''),
    noNewPrivileges: facts.get('NoNewPrivs') === '1',
    seccomp: facts.get('Seccomp') === '2',
    readOnlyRoot: facts.get('Root') === 'ro',
    userNamespace: inside !== outside,
    serviceAccountToken: facts.has('Token'),
    dockerSocket: facts.has('Socket'),
  };
}

function toCapabilityNames(mask: string): readonly string[] {
  const bits = BigInt(`0x${mask}`);
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => ((bits >> BigInt(bit)) & 1n) === 1n)
    .map((bit) => capabilityNames[bit] ?? String(bit));
}
