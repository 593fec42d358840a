# Runs as the child of the init of its own PID and mount namespace: when it ends, the kernel ends everything in there.
# Reads one command a line: `start`, or the name of a signal for the daemon. Its input ends when the program that
# started it is gone, however that happened.
# Arguments: the file for the log, the daemon's PID file, the daemon and its arguments.
log=$1 pid_file=$2
shift 2
ip link set lo up
# A machine where nothing mounted the control groups; seen in this namespace only.
[ -n "$(ls -A /sys/fs/cgroup)" ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo ready
while read -r command; do
  case $command in
    start) { "$@" </dev/null >>"$log" 2>&1; echo "ended $?"; } & ;;
    *) kill -s "$command" "$(cat "$pid_file")" ;;
  esac
done
