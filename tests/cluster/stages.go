package main

import (
	"bytes"
	"encoding/json"
)

// A stage is one step in the life of a fake object, as KWOK's Stage kind describes it: which objects it
// takes, after how long, and what becomes of them. README.md lists the annotations that steer pods.
type stage struct {
	name   string
	kind   string
	group  string
	when   []condition
	after  *delay
	status string
	apply  string
	event  string
	remove bool
}

// condition selects objects by a jq path.
type condition struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
}

type delay struct {
	milliseconds int
	annotation   string
}

const annotationPrefix = "pintle.dev/test-"

func annotation(name string) string {
	return `.metadata.annotations["` + annotationPrefix + name + `"]`
}

func has(key string) condition                     { return condition{key, "Exists", nil} }
func lacks(key string) condition                   { return condition{key, "DoesNotExist", nil} }
func in(key string, values ...string) condition    { return condition{key, "In", values} }
func notIn(key string, values ...string) condition { return condition{key, "NotIn", values} }

// stagesYAML gives all stages as KWOK reads them: YAML documents, each of which is JSON.
func stagesYAML() ([]byte, error) {
	var out bytes.Buffer
	for _, group := range [][]stage{nodeStages(), podStages(), endStages(), cloudStages()} {
		for _, s := range group {
			out.WriteString("---\n")
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(s.object()); err != nil {
				return nil, err
			}
		}
	}
	return out.Bytes(), nil
}

type object = map[string]any

func (s stage) object() object {
	spec := object{
		"resourceRef": object{"apiGroup": s.group, "kind": s.kind},
		"selector":    object{"matchExpressions": s.when},
		"steps":       s.steps(),
	}
	if s.after != nil {
		spec["delay"] = s.after.object()
	}
	return object{
		"apiVersion": "kwok.x-k8s.io/v1alpha1",
		"kind":       "Stage",
		"metadata":   object{"name": s.name},
		"spec":       spec,
	}
}

func (s stage) steps() []object {
	var steps []object
	if s.event != "" {
		steps = append(steps, object{"event": object{"type": "Warning", "reason": s.event, "message": injected}})
	}
	if s.apply != "" {
		steps = append(steps, object{"apply": object{"template": s.apply}})
	}
	if s.status != "" {
		steps = append(steps, object{"patch": object{"subresource": "status", "root": "status", "template": s.status}})
	}
	if s.remove {
		steps = append(steps, object{"finalizers": object{"empty": true}}, object{"delete": true})
	}
	return steps
}

func (d delay) object() object {
	out := object{"durationMilliseconds": d.milliseconds}
	if d.annotation != "" {
		out["durationFrom"] = object{"expressionFrom": annotation(d.annotation)}
	}
	return out
}
