# The first program of the cluster's own process, mount and network namespaces, below their init: when it ends, the kernel ends everything in there.
# Reads one command a line: `start NAME`, or `SIGNAL NAME`. What `start` runs is the file NAME.command of the directory.
# Argument: the directory. It ends with its input.
directory=$1
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 2>/dev/null
echo ready
while read -r command name; do
  case $command in
    start) { sh "$directory/$name.command" </dev/null >>"$directory/log/$name.log" 2>&1; rm -f "$directory/$name.pid"; echo "ended $name"; } & ;;
    *) kill -s "$command" "$(cat "$directory/$name.pid")" 2>/dev/null ;;
  esac
done
