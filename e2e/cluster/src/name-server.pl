# A name server for a test cluster, as a pod: every name is 203.0.113.10, over UDP and TCP; HTTP on port 9153, as CoreDNS has for metrics.
use strict;
use Socket;

sub to_answer {
  my $question = shift;
  my $end = index($question, "\0", 12) + 5;
  my $is_address = unpack('n', substr $question, $end - 4, 2) == 1 ? 1 : 0;
  my $header = substr($question, 0, 2) . pack 'n5', 0x8400, 1, $is_address, 0, 0;
  my $record = $is_address ? pack 'n3 N n C4', 0xc00c, 1, 1, 1, 4, 203, 0, 113, 10 : '';
  return $header . substr($question, 12, $end - 12) . $record;
}

sub serve {
  my ($port, $answer) = @_;
  return if fork;
  socket my $listener, PF_INET, SOCK_STREAM, 0 or die $!;
  setsockopt $listener, SOL_SOCKET, SO_REUSEADDR, 1;
  bind $listener, sockaddr_in($port, INADDR_ANY) or die $!;
  listen $listener, 64;
  while (accept my $client, $listener) {
    sysread $client, my $request, 4096;
    syswrite $client, $answer->($request);
    close $client;
  }
}

serve(53, sub { my $answer = to_answer(substr shift, 2); return pack('n', length $answer) . $answer });
serve(9153, sub { return "HTTP/1.0 200 OK\r\n\r\nmetrics\n" });
socket my $socket, PF_INET, SOCK_DGRAM, 0 or die $!;
bind $socket, sockaddr_in(53, INADDR_ANY) or die $!;
while (my $from = recv $socket, my $question, 4096, 0) { send $socket, to_answer($question), 0, $from }
