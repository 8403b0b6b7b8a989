package export

import (
	"cmp"
	"io"

	"petrify/model"
)

// Format is one form that plans are written in.
type Format struct {
	Name  string // as a flag takes it
	Title string // on the screen
	About string // what it is, for somebody who chooses one
	File  string // that it is usually written to
	// Override says that Compose reads it: what Compose copies into containers keeps
	// their services out of it.
	Override bool
	// Write writes plans, and returns what the form cannot express.
	Write func(io.Writer, *model.Stack, []model.Plan) (notes []string, err error)
	// Use is the command that uses the file, once it is written; "" where there is none.
	Use func(s *model.Stack, file string) string
}

// Formats are all that there are, in the order in which people look for them.
var Formats = []Format{
	{"compose", "Compose", "an override of the Compose files", "compose.readonly.yaml", true, writeCompose, useCompose("docker compose")},
	{"compose-v2", "classic Compose v2", "an override in the classic Compose v2 format", "compose-v2.readonly.yaml", true, writeComposeV2, useCompose("docker-compose")},
	{"swarm", "Swarm", "a stack file for Docker Swarm", "stack.readonly.yaml", false, writeSwarm, deployStack},
	{"kubernetes", "Kubernetes patches", "patches for Deployments in Kubernetes", "kubernetes.readonly.yaml", false, writeKubernetes, useFile("kubectl patch deployment NAME --patch-file")},
	{"kubernetes-deployment", "Kubernetes deployment", "whole Deployments for Kubernetes", "deployment.readonly.yaml", false, writeDeployments, useFile("kubectl apply -f")},
	{"docker-run", "docker run", "a script of docker run commands", "run.readonly.sh", false, writeDockerRun, useFile("sh")},
	{"json", "JSON", "JSON, for programs", "plan.json", false, writeJSON, useFile("")},
}

func useCompose(command string) func(*model.Stack, string) string {
	return func(s *model.Stack, file string) string {
		return composeCommand(command, "-f", declaringFiles(s), file, false) + " up -d"
	}
}

func deployStack(s *model.Stack, file string) string {
	return composeCommand("docker stack deploy", "-c", declaringFiles(s), file, false) + " " + ShellWord(cmp.Or(s.Name, "stack"))
}

func useFile(command string) func(*model.Stack, string) string {
	return func(_ *model.Stack, file string) string {
		if command == "" {
			return ""
		}
		return command + " " + ShellWord(file)
	}
}
