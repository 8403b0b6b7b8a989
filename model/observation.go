package model

import "time"

// Observation is what was seen of the world at one moment: the input of Lay.
// Nothing in it is changed once it has been handed over.
type Observation struct {
	At         time.Time
	Engine     Engine
	Link       Link
	Name       string               // the project's name, also when no file could be read
	Project    *Project             // nil without a readable Compose file
	Problem    *Problem             // why Project is nil, or what is odd about it
	Containers []Container          // of the project, in every state
	Images     map[string]Image     // by image ID
	Changes    map[string]Changes   // by container ID; absent until first asked
	Logs       map[string]LogSearch // by container ID; of those with a read-only root, once they were read
	Uses       []VolumeUse          // of every container on the engine
	DockerRoot string               // the engine's data directory
	Recordings []*Recording         // of the project, kept or under way; one for each service and image
	Recorder   Recorder
	Trials     []*Trial // of the project, that are kept; one for each service and image
	Trying     Trying
	Waiting    []Waiting // for what was not answered yet
}
