package main

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// ports are those of one cluster.
type ports struct{ api, etcd, peer int }

// The range lies below 32768, where the kernel starts to hand out ports for outgoing connections: a port
// from there could be taken between being found free and being used.
const (
	lowestPort  = 20000
	highestPort = 32000
)

func freePorts() (ports, error) {
	api, err := freePort()
	if err != nil {
		return ports{}, err
	}
	etcd, err := freePort(api)
	if err != nil {
		return ports{}, err
	}
	peer, err := freePort(api, etcd)
	return ports{api, etcd, peer}, err
}

func freePort(taken ...int) (int, error) {
	for range 1000 {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if !contains(taken, port) && isFree(port) {
			return port, nil
		}
	}
	return 0, errors.New("no free port on 127.0.0.1 between " + strconv.Itoa(lowestPort) + " and " + strconv.Itoa(highestPort))
}

func isFree(port int) bool {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func contains(ports []int, port int) bool {
	for _, p := range ports {
		if p == port {
			return true
		}
	}
	return false
}
