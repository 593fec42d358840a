#!/bin/sh
# A scripted stand-in for a coding agent: runs the tests, repairs the bug, runs the tests again.
run_tests() { node --test --test-reporter=dot check.mjs; }

echo 'agent: running the tests'
if run_tests; then
  echo 'agent: nothing to do'
  exit 0
fi

echo 'agent: the sum leaves out the first item; repairing invoice.mjs'
sed 's/let index = 1;/let index = 0;/' invoice.mjs > invoice.mjs.new && mv invoice.mjs.new invoice.mjs

echo 'agent: running the tests again'
run_tests
code=$?
echo "agent: done, tests ended with $code"
exit "$code"
