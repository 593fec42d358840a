export { describeDocker, type TestDaemon } from './describe-docker.ts';
