/** The words of runtimes (runc, crun, gVisor) for an image without `sh`. Nothing wider: "no such file" alone is also what they say of a cgroup or a pipe of a container that ends. */
export const missingShell =
  /exec:? "?\/?(?:bin\/)?sh"?: (?:executable file not found|stat .*no such file|no such file)|stat \/?(?:bin\/)?sh: no such file|executable file [`'"]\/?(?:bin\/)?sh[`'"] not found|finding executable "\/?(?:bin\/)?sh"/i;
