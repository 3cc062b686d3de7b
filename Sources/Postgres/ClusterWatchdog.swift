import Glibc
import Subprocess

/// A shell process that owns a throwaway cluster and outlives this process just long enough to remove it.
///
/// It reads commands from a pipe. However this process ends, the kernel closes the pipe's other end, and the end of
/// input is the watchdog's order to stop the server and delete everything. The pipe is close-on-exec (swift-subprocess
/// opens it so): no other child process can hold it open.
package struct ClusterWatchdog: Sendable {
    private struct Command: Sendable {
        let word: String
        let answer: AsyncStream<Bool>.Continuation
    }

    private let commands: AsyncStream<Command>.Continuation
    private let life: Task<Void, Never>

    /// Starts the shell; `start` is its first command to obey.
    ///
    /// - Parameter primary: The folder of the cluster to follow; empty for a cluster of its own.
    init(
        binaries: ServerBinaries,
        folder: String,
        configuration: [String],
        primary: String
    ) throws(LocalClusterError) {
        let (stream, commands) = AsyncStream<Command>.makeStream()
        self.commands = commands
        let lines = configuration.joined(separator: "\n")
        let arguments = ["-c", Self.script, "watchdog", binaries.folder, folder, lines, primary]
        let command = try Self.asServerUser(["sh"] + arguments)
        var options = PlatformOptions()
        // A session of its own, so that Ctrl-C in the terminal does not reach the server before its clients are done.
        options.createSession = true
        life = Task { [options] in
            // A shell that cannot be started, or dies, answers no command: that is how the caller learns of it.
            _ = try? await run(
                .name(command[0]),
                arguments: Arguments(Array(command.dropFirst())),
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .discarded
            ) { shell in
                var answers = shell.standardOutput.strings().makeAsyncIterator()
                for await command in stream {
                    _ = try await shell.standardInputWriter.write("\(command.word)\n")
                    command.answer.yield(try await answers.next() == "done")
                    command.answer.finish()
                }
            }
            for await command in stream { command.answer.finish() }
        }
    }

    /// Has one command carried out; false if that failed.
    func obey(_ word: String) async -> Bool {
        let (answers, answer) = AsyncStream<Bool>.makeStream()
        commands.yield(Command(word: word, answer: answer))
        for await answer in answers { return answer }
        return false
    }

    /// Ends the shell's input and waits until it has cleaned up.
    func stop() async {
        commands.finish()
        await life.value
    }

    /// The command to run a program as a user that PostgreSQL accepts.
    ///
    /// It refuses to run as root: then it runs as the user that Debian's package makes for it. By `setpriv`, of
    /// util-linux, and not by the user of a `PlatformOptions`: between fork and exec, glibc's setgroups and setuid wait
    /// for every thread that is just starting, and in the child there is none to answer.
    package static func asServerUser(_ command: [String]) throws(LocalClusterError) -> [String] {
        guard geteuid() == 0 else { return command }
        guard getpwnam("postgres") != nil else { throw .noServerUser }
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] + command
    }

    /// `$1` the folder of the server's programs, `$2` the folder to make, `$3` lines for `postgresql.conf`, `$4` the
    /// primary's folder or nothing.
    ///
    /// Signals are ignored, SIGPIPE too: with nobody left to read its answers, it still has to clean up.
    private static let script = """
        trap '' HUP INT TERM PIPE
        umask 077
        cd /
        mkdir "$2" || exit 1
        fill() {
            if [ -n "$4" ]; then
                # Where the server's programs really are: the folder may hold links to some of them only.
                "$(dirname "$(readlink -f "$1/pg_ctl")")/pg_basebackup" --host="$4" \\
                    --username=postgres --pgdata="$2/data" --write-recovery-conf --checkpoint=fast --no-sync
            else
                "$1/initdb" --pgdata="$2/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
                    --no-sync
            fi
        }
        create() {
            fill "$@" && printf '%s\\n' "$3" >>"$2/data/postgresql.conf" &&
            "$1/pg_ctl" start --pgdata="$2/data" --log="$2/server.log" --wait
        }
        obey() {
            case $5 in
            start) create "$@" ;;
            promote) "$1/pg_ctl" promote --pgdata="$2/data" --wait ;;
            *) "$1/pg_ctl" restart --pgdata="$2/data" --log="$2/server.log" --wait --mode="$5" ;;
            esac
        }
        while read -r command; do
            if obey "$1" "$2" "$3" "$4" "$command" >>"$2/server.log" 2>&1 </dev/null
            then echo done; else echo failed; fi
        done
        "$1/pg_ctl" stop --pgdata="$2/data" --wait --mode=immediate >/dev/null 2>&1
        rm -rf "$2"
        """
}
