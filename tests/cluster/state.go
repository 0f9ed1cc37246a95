package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// state is what a running cluster tells about itself, on stdout once it is ready and in cluster.json.
type state struct {
	Dir           string `json:"dir"`
	Kubeconfig    string `json:"kubeconfig"`
	Server        string `json:"server"`
	Version       string `json:"version"`
	PID           int    `json:"pid"`
	StartupMillis int64  `json:"startupMillis"`
}

const stateFile = "cluster.json"

func (s state) write() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, stateFile), append(text, '\n'), 0o644)
}

func readState(dir string) (state, error) {
	var s state
	text, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// The directory is locked for as long as its cluster runs. The kernel lets go of the lock when the process
// ends, however it ends, so a lock that can be had means a directory that was left behind.
const lockFile = "lock"

var errRunning = errors.New("a cluster is running in it")

// claim takes a directory for a new cluster: one that does not exist, is empty, or was left behind.
func claim(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, lockFile)); len(entries) > 0 && err != nil {
		return nil, fmt.Errorf("%s holds files that are not a cluster's; choose another directory", dir)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w", dir, err)
	}
	for _, entry := range entries {
		if entry.Name() == lockFile {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return nil, err
		}
	}
	return lock, nil
}

func lockDir(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, errRunning
	}
	return lock, nil
}

// sweep removes temporary directories of clusters whose supervisor was killed before it could.
func sweep(pattern string) {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), pattern))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		// A young directory may be between being made and being locked.
		if info, err := os.Stat(dir); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if lock, err := lockDir(dir); err == nil {
			// What cannot be removed now is tried again by the next cluster.
			_ = os.RemoveAll(dir)
			lock.Close()
		}
	}
}
