package engine

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
)

func listedPorts(listed []container.PortSummary) []model.Port {
	var ports []model.Port
	for _, p := range listed {
		port := model.Port{Target: int(p.PrivatePort), Protocol: p.Type}
		if p.PublicPort != 0 {
			port.HostIP, port.Host = hostIP(p.IP), strconv.Itoa(int(p.PublicPort))
		}
		ports = append(ports, port)
	}
	return inOrder(ports)
}

// inspectedPorts are the ports as they are bound, else as they were asked for:
// what is not running has no bound ones. Exposed ports count where nothing is published.
func inspectedPorts(found container.InspectResponse) []model.Port {
	bound := make(network.PortMap)
	if found.Config != nil {
		for port := range found.Config.ExposedPorts {
			bound[port] = nil
		}
	}
	if found.HostConfig != nil {
		for port, bindings := range found.HostConfig.PortBindings {
			bound[port] = bindings
		}
	}
	if found.NetworkSettings != nil {
		for port, bindings := range found.NetworkSettings.Ports {
			if len(bindings) > 0 || bound[port] == nil {
				bound[port] = bindings
			}
		}
	}
	var ports []model.Port
	for port, bindings := range bound {
		target := model.Port{Target: int(port.Num()), Protocol: string(port.Proto())}
		if len(bindings) == 0 {
			ports = append(ports, target)
		}
		for _, b := range bindings {
			published := target
			published.HostIP, published.Host = hostIP(b.HostIP), b.HostPort
			ports = append(ports, published)
		}
	}
	return inOrder(ports)
}

// hostIP is "" for all addresses. Docker says it twice, as 0.0.0.0 and as ::.
func hostIP(ip netip.Addr) string {
	if !ip.IsValid() || ip.IsUnspecified() {
		return ""
	}
	return ip.String()
}

// inOrder sorts, and drops what is then there twice.
func inOrder(ports []model.Port) []model.Port {
	slices.SortFunc(ports, func(a, b model.Port) int {
		return cmp.Or(
			cmp.Compare(a.Target, b.Target), cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.HostIP, b.HostIP), cmp.Compare(a.Host, b.Host),
		)
	})
	return slices.Compact(ports)
}
