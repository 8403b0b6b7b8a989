package export

import (
	"io"

	"petrify/model"
)

// Format is one form that plans are written in.
type Format struct {
	Name  string // as a flag takes it
	Title string // on the screen; "" where that does not offer it
	About string // what it is, for somebody who chooses one
	File  string // that it is usually written to
	// Override says that Compose reads it: what Compose copies into containers keeps
	// their services out of it.
	Override bool
	// Write writes plans, and returns what the form cannot express.
	Write func(io.Writer, *model.Stack, []model.Plan) (notes []string, err error)
}

// Formats are all that there are, in the order in which people look for them.
var Formats = []Format{
	{"compose", "Compose", "an override of the Compose files", "compose.readonly.yaml", true, writeCompose},
	{"compose-v2", "Compose v2", "the classic Compose v2 format", "compose-v2.readonly.yaml", true, writeComposeV2},
	{"swarm", "Swarm", "a stack file for Docker Swarm", "stack.readonly.yaml", false, writeSwarm},
	{"kubernetes", "Kubernetes", "patches for Deployments in Kubernetes", "kubernetes.readonly.yaml", false, writeKubernetes},
	{"kubernetes-deployment", "", "whole Deployments for Kubernetes", "deployment.readonly.yaml", false, writeDeployments},
	{"docker-run", "docker run", "a script of docker run commands", "run.readonly.sh", false, writeDockerRun},
	{"json", "JSON", "JSON, for programs", "plan.json", false, writeJSON},
}
