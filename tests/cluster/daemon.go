package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// up starts `serve` in a session of its own, where it outlives the terminal, and waits until it is ready.
func up(args []string) int {
	options, err := parseOptions("up", args)
	if err == nil && options.dir == "" {
		err = errors.New("up needs --dir, by which the cluster is found again")
	}
	if err != nil {
		return fail(err)
	}
	line, err := detach(append([]string{"serve"}, args...))
	if err != nil {
		return fail(err)
	}
	fmt.Print(line)
	return 0
}

// detach gives the first line the new process prints. Its stderr is a file: a pipe would keep whoever reads
// ours waiting for as long as the cluster runs.
func detach(args []string) (string, error) {
	binary, err := os.Executable()
	if err != nil {
		return "", err
	}
	log, err := os.CreateTemp("", "pintle-cluster-up-")
	if err != nil {
		return "", err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	daemon := exec.Command(binary, args...)
	daemon.Stderr = log
	daemon.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := daemon.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := daemon.Start(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		return line, nil
	}
	if err := daemon.Wait(); err == nil {
		return "", errors.New("the cluster ended before it was ready")
	}
	return "", errors.New(strings.TrimPrefix(tail(log.Name(), 20), "pintle-cluster: "))
}

// down ends the cluster in a directory and waits until it is gone.
func down(args []string) int {
	options, err := parseOptions("down", args)
	if err != nil {
		return fail(err)
	}
	if err := end(options.dir); err != nil {
		return fail(err)
	}
	return 0
}

func end(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err != nil {
		return fmt.Errorf("no cluster in %q", dir)
	}
	for wait := time.Duration(0); wait < 20*time.Second; wait += 20 * time.Millisecond {
		lock, err := lockDir(dir)
		if err == nil {
			defer lock.Close()
			return os.RemoveAll(dir)
		}
		if !errors.Is(err, errRunning) {
			// The cluster removed its directory while we looked.
			return nil
		}
		s, err := readState(dir)
		if err == nil && wait == 0 {
			err = syscall.Kill(s.PID, syscall.SIGTERM)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("failed to end the cluster in %s: %w", dir, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("the cluster in %s is still there after 20 s", dir)
}

// status prints the state of the cluster in a directory, with the memory of each of its processes in MiB.
func status(args []string) int {
	options, err := parseOptions("status", args)
	if err != nil {
		return fail(err)
	}
	lock, err := lockDir(options.dir)
	if err == nil {
		lock.Close()
	}
	if !errors.Is(err, errRunning) {
		return fail(fmt.Errorf("no cluster runs in %q", options.dir))
	}
	s, err := readState(options.dir)
	if err != nil {
		return fail(fmt.Errorf("the cluster in %s is not ready yet", options.dir))
	}
	report := struct {
		state
		MemoryMiB map[string]int `json:"memoryMiB"`
	}{s, memory(s.PID)}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		return fail(err)
	}
	return 0
}

// memory gives the resident memory of a supervisor and its children, by sub-command.
func memory(supervisor int) map[string]int {
	out := map[string]int{}
	processes, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return out
	}
	for _, file := range processes {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok {
				fields[name] = strings.TrimSpace(value)
			}
		}
		if id := strconv.Itoa(supervisor); fields["Pid"] != id && fields["PPid"] != id {
			continue
		}
		command, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		arguments := strings.Split(string(command), "\x00")
		kib, numberErr := strconv.Atoi(strings.TrimSuffix(fields["VmRSS"], " kB"))
		if err == nil && numberErr == nil && len(arguments) > 1 {
			out[arguments[1]] = kib / 1024
		}
	}
	return out
}
