@rem For npm's scripts on Windows. A Unix shell's own "exec" gives its process to the command, so that
@rem npm's signals reach it; here it only runs it, as cmd looks for commands in this folder first.
@%*
