import { Buffer } from 'node:buffer';
import { RecacError } from '@recac/engine-core';
import { readLine } from '@recac/engine-kit';
import { withinLimit } from '../within-limit.ts';
import type { WaitingShell } from './open-pod-process.ts';
import { awaitSourceScript } from './process-source.ts';

/** What came of trying an address from inside; `absent`: the pod names none. */
export type ProbeResult = 'answered' | 'closed' | 'absent';

/** What a pod reaches, though no preset but `open` lets it. */
export interface NetworkReach {
  /** The API server, at its service's address. */
  readonly apiServer: ProbeResult;
  /** The cluster's name server, which is another pod, at its service's address. */
  readonly nameServer: ProbeResult;
}

/** How the name server is tried: `query` on its port for names, `metrics` on the one of CoreDNS, where names are allowed. */
export type NameServerProbe = 'query' | 'metrics';

/** An open address answers within milliseconds; most network plugins leave a closed one without an answer. */
const connectLimitMs = 300;
/** A proxy in the pod, as service meshes have, takes every connection: only an answer counts. */
const answerLimitMs = 3_000;
/** The shell of a busy node. */
const shellLimitMs = 20_000;

const httpRequest = 'GET / HTTP/1.0\\r\\n\\r\\n';
/** A question for the name servers of the root, by TCP. */
const dnsQuery = '\\000\\021\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\001';

/** bash: `_rctry NAME HOST PORT REQUEST` says what came of it. No program but bash is needed, and it ends when it is killed. */
const tryWithBash = `
_rctry() {
  { exec 3<>"/dev/tcp/$2/$3"; } 2>/dev/null || { echo "closed $1"; return; }
  echo "connected $1"
  printf "$4" >&3
  if IFS= read -r -t 3 -n 1 <&3; then echo "answered $1"; else echo "closed $1"; fi
}`;

/** The same for other shells, with any netcat. */
const tryWithNetcat = `
_rctry() {
  if [ "$(printf "$4" | timeout 2 nc "$2" "$3" 2>/dev/null | head -c 1 | wc -c)" -eq 1 ]
  then echo "answered $1"; else echo "closed $1"; fi
}`;

/** Tries both addresses at once, and ends when a line comes on stdin. Arguments: host and port of both, request to the name server. */
const tryBoth = `
echo go
_rcpids=
if [ "$1" ]; then _rctry apiServer "$1" "$2" '${httpRequest}' & _rcpids="$_rcpids $!"; else echo "absent apiServer"; fi
if [ "$3" ]; then _rctry nameServer "$3" "$4" "$5" & _rcpids="$_rcpids $!"; else echo "absent nameServer"; fi
read -r _rcline
kill $_rcpids
wait`;

/** Name servers of the node itself (link-local, loopback) tell nothing. */
const probeScript = ([port, request]: readonly [number, string]): string => `
_rcserver=
while read -r _rckey _rcvalue _rcrest; do
  [ "$_rckey" = nameserver ] && _rcserver=$_rcvalue && break
done 2>/dev/null </etc/resolv.conf
case $_rcserver in 169.254.*|fe80:*|127.*|::1) _rcserver= ;; esac
set -- "$KUBERNETES_SERVICE_HOST" "$KUBERNETES_SERVICE_PORT" "$_rcserver" ${port} '${request}'
if command -v bash >/dev/null; then bash -c '${quote(tryWithBash + tryBoth)}' bash "$@" 2>/dev/null
elif command -v nc >/dev/null && command -v timeout >/dev/null; then
  ( ${tryWithNetcat}${tryBoth} ) 2>/dev/null
else echo none
fi
echo done
${awaitSourceScript}`;

/** Tries from inside what no preset but `open` lets an environment reach, in a shell that waits on afterwards. Undefined: the image has no means to try. */
export function probeNetwork(
  shell: WaitingShell,
  nameServer: NameServerProbe,
  signal: AbortSignal,
  limitMs = shellLimitMs,
): Promise<NetworkReach | undefined> {
  return withinLimit({ limitMs, signal, toError: () => failed('brought no answer') }, (until) =>
    probe(shell, nameServer, until),
  );
}

async function probe(
  { process }: WaitingShell,
  nameServer: NameServerProbe,
  until: AbortSignal,
): Promise<NetworkReach | undefined> {
  const source = Buffer.from(probeScript(nameServer === 'query' ? [53, dnsQuery] : [9153, httpRequest]));
  process.stdin.write(Buffer.concat([Buffer.from(`${source.length}\n`), source]));
  const results = new Map<string, ProbeResult>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const stopAfter = (limitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!isStopped) process.stdin.write('\n');
      isStopped = true;
    }, limitMs);
  };
  try {
    for (;;) {
      const line = await readLine(process.stdout, until);
      const [word, target = ''] = line?.split(' ') ?? [];
      if (word === 'none') results.clear();
      else if (word === 'go') stopAfter(connectLimitMs);
      else if (word === 'connected') stopAfter(answerLimitMs);
      else if (word === 'answered' || word === 'closed' || word === 'absent') results.set(target, word);
      else if (word === 'done') break;
      else throw failed(line === undefined ? 'ended early' : `brought ${JSON.stringify(line)}`);
      if (results.size === 2) stopAfter(0);
    }
  } finally {
    clearTimeout(timer);
  }
  if (!isStopped) return undefined;
  return { apiServer: results.get('apiServer') ?? 'closed', nameServer: results.get('nameServer') ?? 'closed' };
}

function failed(how: string): RecacError {
  const text = `trying the network from inside ${how}. Try again; look at the node that the environment runs on if it stays.`;
  return new RecacError('RECAC_EXEC_FAILED', text, { details: { reason: 'NetworkProbeFailed' } });
}

function quote(text: string): string {
  return text.replaceAll("'", `'\\''`);
}
