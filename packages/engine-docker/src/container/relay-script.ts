import { findListenerScript } from '@recac/engine-kit';

/**
 * POSIX sh with one parameter, the port: says `ok` when something listens there, then relays with the first program that the image has. Those that can
 * close one direction come first. What listens at ::1 alone is connected to there: `localhost` may be that first (moby#47062).
 */
export const relayScript = `
${findListenerScript}
_rclistens "$1" || { echo closed; exit 1; }
_rchost=127.0.0.1 _rcwide=127.0.0.1
if [ -r /proc/net/tcp ] && ! grep -qi ":$_rchex 0*:0000 0A" /proc/net/tcp &&
  grep -qi " 0*10*:$_rchex 0*:0000 0A" /proc/net/tcp6 2>/dev/null; then _rchost=::1 _rcwide='[::1]'; fi
_rchas() { command -v "$1" >/dev/null 2>&1; }
if _rchas socat; then echo ok; exec socat -t 86400 - "TCP:$_rcwide:$1"
elif _rchas python3; then echo ok; exec python3 -c '
import socket,sys,threading,os
c=socket.create_connection((sys.argv[2],int(sys.argv[1])))
def up():
    while True:
        d=os.read(0,65536)
        if not d: break
        c.sendall(d)
    c.shutdown(socket.SHUT_WR)
threading.Thread(target=up,daemon=True).start()
while True:
    d=c.recv(65536)
    if not d: break
    while d: d=d[os.write(1,d):]
os._exit(0)' "$1" "$_rchost"
elif _rchas perl && perl -MIO::Socket -e 'exit($ARGV[0]=~/:/ && !eval{require IO::Socket::IP})' "$_rchost" 2>/dev/null; then echo ok; exec perl -e '
use IO::Socket::INET;
my $six=$ARGV[1]=~/:/ && require IO::Socket::IP;
my $c=($six ? "IO::Socket::IP" : "IO::Socket::INET")->new(PeerHost=>$ARGV[1],PeerPort=>$ARGV[0],Proto=>"tcp") or exit 1;
my $parent=$$;
my $up=fork();
if(!$up){ while(sysread(STDIN,my $b,65536)){ my $o=0; while($o<length $b){ my $n=syswrite($c,$b,length($b)-$o,$o); exit 1 unless $n; $o+=$n } } shutdown($c,1); exit 0 }
while(sysread($c,my $b,65536)){ my $o=0; while($o<length $b){ my $n=syswrite(STDOUT,$b,length($b)-$o,$o); last unless $n; $o+=$n } }
kill 9,$up; exit 0' "$1" "$_rchost"
elif _rchas nc && { [ "$_rchost" != ::1 ] || ! nc -h 2>&1 | grep -q '^\\[v1'; }; then
  echo ok
  if nc -h 2>&1 | grep -q -- '-N'; then exec nc -N "$_rchost" "$1"; else exec nc "$_rchost" "$1"; fi
elif _rchas bash; then echo ok; exec bash -c 'exec 3<>"/dev/tcp/$2/$1"; cat <&0 >&3 & cat <&3; kill $!' recac "$1" "$_rchost"
elif [ "$_rchost" = ::1 ]; then echo six; exit 1
else echo none; exit 1; fi
`;
