package report

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"petrify/model"
	"petrify/ui/encode"
)

// The report in SARIF 2.1.0, the form of findings that code hosts and editors show.
//
//   - The rules are those of the table of kinds; a severity is SARIF's level.
//   - A result stands in the Compose file, at the service's line. Files are named from
//     the folder that the check was called in, as hosts match them with a repository's.
//   - A check that could not look says so as a run that failed: no result is then no
//     good news.
const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifRoot    = "%SRCROOT%" // the name of the folder, as hosts expect it
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool                `json:"tool"`
	Bases       map[string]sarifArtifact `json:"originalUriBaseIds,omitempty"`
	Invocations []sarifInvocation        `json:"invocations"`
	ColumnKind  string                   `json:"columnKind"`
	Results     []sarifResult            `json:"results"`
}

type sarifTool struct {
	Driver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	} `json:"driver"`
}

type sarifRule struct {
	ID      Rule      `json:"id"`
	Short   sarifText `json:"shortDescription"`
	Full    sarifText `json:"fullDescription"`
	Help    sarifText `json:"help"`
	Default struct {
		Level Severity `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	ExitCode      int                 `json:"exitCode"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   Severity  `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	Rule         Rule              `json:"ruleId"`
	Index        int               `json:"ruleIndex"`
	Level        Severity          `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Properties   sarifProperties   `json:"properties"`
}

type sarifProperties struct {
	Service string `json:"service"`
	Subject string `json:"subject"`
	Command string `json:"command"`
}

type sarifLocation struct {
	Physical *sarifPlace    `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPlace struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// SARIF writes the findings for code hosts and editors.
func SARIF(w io.Writer, c *Check, opt Options) error {
	run := sarifRun{
		Invocations: []sarifInvocation{newInvocation(c)}, ColumnKind: "unicodeCodePoints",
		Results: []sarifResult{},
	}
	run.Tool.Driver.Name = "petrify"
	if opt.Folder != "" {
		run.Bases = map[string]sarifArtifact{sarifRoot: {URI: fileURI(opt.Folder + "/")}}
	}
	index := map[Rule]int{}
	for i, k := range Kinds() {
		rule := sarifRule{ID: k.Rule, Short: sarifText{k.Title}, Full: sarifText{k.Means}, Help: sarifText{k.Advice}}
		rule.Default.Level = k.Severity
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		index[k.Rule] = i
	}
	for _, f := range c.Findings() {
		result := newResult(c.Stack, f, opt.Folder)
		result.Index = index[f.Rule]
		run.Results = append(run.Results, result)
	}
	return encode.JSON(w, sarifLog{sarifSchema, sarifVersion, []sarifRun{run}})
}

func newInvocation(c *Check) sarifInvocation {
	i := sarifInvocation{Successful: looked(c.Stack), ExitCode: c.ExitCode()}
	if !i.Successful {
		i.Notifications = []sarifNotification{{Error, sarifText{couldNotLook(c.Stack)}}}
	}
	return i
}

// literally keeps what a message says from being taken for a link or a placeholder.
var literally = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}")

func newResult(s *model.Stack, f Finding, folder string) sarifResult {
	text := f.Message
	if f.Service != "" {
		text = f.Service + ": " + text
	}
	result := sarifResult{
		Rule: f.Rule, Level: f.Severity, Message: sarifText{literally.Replace(text + "; next: " + f.Command)},
		// What stays the same while numbers in the message do not.
		Fingerprints: map[string]string{"finding/v1": strings.Join([]string{s.Name, string(f.Rule), f.Service, f.Subject}, "/")},
		Properties:   sarifProperties{f.Service, f.Subject, f.Command},
	}
	at := sarifLocation{}
	if f.Service != "" {
		at.Logical = []sarifLogical{{f.Service, "service"}}
	}
	file := f.File
	if file == "" && len(s.Files) > 0 {
		file = s.Files[0] // hosts show no result without a file
	}
	if file != "" && file != "-" {
		at.Physical = &sarifPlace{Artifact: artifactOf(file, folder)}
		if f.Line > 0 {
			at.Physical.Region = &sarifRegion{f.Line}
		}
	}
	if at.Physical != nil || at.Logical != nil {
		result.Locations = []sarifLocation{at}
	}
	return result
}

// artifactOf names a file from the folder where it is below that, else all of it.
func artifactOf(file, folder string) sarifArtifact {
	if folder != "" {
		if inside, err := filepath.Rel(folder, file); err == nil && filepath.IsLocal(inside) {
			return sarifArtifact{URI: (&url.URL{Path: filepath.ToSlash(inside)}).String(), Base: sarifRoot}
		}
	}
	return sarifArtifact{URI: fileURI(file)}
}

func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive of Windows
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
