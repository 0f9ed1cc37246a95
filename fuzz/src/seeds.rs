//! What the inputs are made from: small texts that use much of each language.

pub(crate) const TEMPLATES: &[&str] = &[
    "{{- if and .Values.a (not .b) -}}x{{ else if eq 1 2 }}y{{ else }}z{{ end -}}",
    "{{ range $i, $e := list 1 2.5 `raw` \"s\\n\" 'c' 0x1F nil }}{{ $i }}={{ $e }}{{ if $i }}{{ break }}{{ end }}{{ else }}-{{ end }}",
    "{{ define \"a\" }}{{ . | quote | indent 4 }}{{ end }}{{ template \"a\" .Values }}{{ include \"a\" (dict \"k\" .) | nindent 2 }}",
    "{{ with $x := .Values.m }}{{ $x.k | default \"d\" | upper | trunc 5 }}{{ else with 1 }}{{ . }}{{ end }}{{/* c */}}",
    "{{ printf \"%-5s|%+d|%q|%v|%[2]*[1]d|%x\" \"a\" 5 'x' .Values 3 }}{{ toYaml .Values | b64enc | sha256sum }}",
    "{{ $m := dict \"a\" 1 }}{{ set $m \"b\" $m }}{{ merge $m (dict \"c\" 2) | toJson }}{{ tpl \"{{ . }}\" $m }}",
    "{{ regexReplaceAll \"(a+)(?:b|c)*[^x-z]{2,5}$\" \"aabbc\" \"${1}\" }}{{ semverCompare \">=1.2 <2 || ~3\" \"1.5.0\" }}",
    "{{ until 5 | join \",\" }}{{ slice (list 1 2 3) 1 2 }}{{ index .Values \"a\" \"b\" }}{{ len \"é\" }}{{ substr 0 3 \"hello\" }}",
    "{{ .Files.Glob \"**.y{a,}ml\" }}{{ .Capabilities.APIVersions.Has \"v1\" }}{{ .Release.Name | replace \"a\" \"b\" }}",
    "{{ date \"2006-01-02T15:04:05Z07:00\" (toDate \"2006\" \"2024\") }}{{ duration \"95\" }}{{ fromYaml \"a: [1, {b: c}]\" }}",
    "{{ add 1 2.9 \"3\" | mul 2 | div 0 }}{{ (split \".\" \"a.b\")._0 }}{{ urlParse \"http://u:p@h/p?q#f\" }}{{ block \"b\" . }}{{ end }}",
];

pub(crate) const YAML: &[&str] = &[
    "a: &x {b: [1, 2.5, 0x1F, 017, 1_000, .inf, ~, yes, 2020-01-01]}\nc: *x\n<<: *x\n? complex\n: value\n",
    "- |\n  literal\n   text\n- >-\n  folded\n  text\n\n- 'it''s'\n- \"\\x41\\u00e9\\n\\\n  b\"\n-\n  - - nested\n",
    "# comment\n%YAML 1.1\n---\n!!str a: !!binary aGVsbG8=\n...\n---\nb: !<tag:yaml.org,2002:int> 3\n",
    "{a: [b, {c: d}, ], \"e\": 'f', g: , ? h : i}",
    "key with spaces: value # c\nurl: http://x:80/a#b\nt: \"tab\\t\"\n\n\nlong: aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll mmmm\n",
    "x:\n- a: 1\n  b:\n  - c\n-   d: 2\ny: |2+\n    z\n\n",
    "\u{feff}a: \u{85}b\u{2028}c é 😀 \u{1}\n",
];

pub(crate) const MANIFESTS: &[&str] = &[
    "---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    \"helm.sh/hook\": pre-install, post-upgrade\n    helm.sh/hook-weight: \"-5\"\n---\n---   \nkind: List\nitems: []\n",
    "apiVersion: v1\r\nkind: A\r\n---apiVersion: v1\nKIND: B\n--- # c\n\n\t\n---\n",
    "metadata: {name: 1, annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: hook-succeeded}}\n...\n",
    "kind: A # b\nspec:\n  list:\n  - a: [b, \"c\", {d: e}]\n    f: |-\n      g: h\n\n     # i\n  -\n    - - 'j'\n  k: l\n    m\n  n: \"o\n p \\\" \\\n q\"\n  r: {}\nmetadata:\n  annotations:\n    s: .5\n",
];

pub(crate) const SET: &[&str] = &[
    "a.b[0].c=1,d={x,y,z},e=null,f\\.g=true,h[3]=007",
    "a[0][1]=x,a[65536]=y,b={},c.d.e.f=1.5,=x,.y=1,z",
    "a={\"k\": [1, 2, {\"b\": null}]},b=\"s\",c=[1",
    "list[0].name=n,list[-1]=m,x={a,{b}},y=\\,\\=,k=",
];

pub(crate) const SCHEMAS: &[&str] = &[
    r##"{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"$ref": "#/definitions/x"}}, "required": ["a"], "definitions": {"x": {"enum": [1, "two", null]}}}"##,
    r##"{"type": ["object", "null"], "patternProperties": {"^a+$": {"oneOf": [{"type": "string", "format": "ipv4"}, {"const": 5}]}}, "additionalProperties": false, "not": {"maxProperties": 0}}"##,
    r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {"n": {"$ref": "#"}}, "properties": {"a": {"$ref": "#/$defs/n"}}, "unevaluatedProperties": false, "if": {"required": ["b"]}, "then": {"dependentRequired": {"b": ["c"]}}}"##,
    r##"{"$ref": "file:///etc/passwd", "allOf": [{"$ref": "http://127.0.0.1/x"}, true, false], "items": [{"multipleOf": 0.1}]}"##,
];

pub(crate) const INDEXES: &[&str] = &[
    "apiVersion: v1\nentries:\n  web:\n  - version: 1.2.3\n    urls: [web-1.2.3.tgz]\n    digest: 00\n    created: 2024-01-01T00:00:00Z\n  - null\n  \"other\":\n    - version: 2\ngenerated: x\n",
    "{\"apiVersion\": \"v1\", \"entries\": {\"web\": [{\"version\": \"1.0.0\", \"urls\": [\"https://h/x\"], \"keywords\": [1, null]}, null]}}",
    "\u{feff}# c\nentries: # d\n    web:\n        - &a {version: 1.0.0-rc.1, description: |\n            web:\n          }\n    ? web\n    : []\napiVersion: v1\n---\nentries: {}\n",
];

pub(crate) const PROVENANCE: &[&str] = &[
    include_str!("../../fixtures/provenance/ed25519.prov"),
    include_str!("../../fixtures/provenance/two-signers.prov"),
    include_str!("../../fixtures/provenance/v6-ed25519.prov"),
    include_str!("../../fixtures/provenance/keyring.asc"),
];

pub(crate) const CHART: &[&str] = &[
    "apiVersion: v2\nname: c\nversion: 1.2.3\nkubeVersion: \">=1.20-0\"\ndependencies:\n- name: sub\n  version: ~1\n  repository: \"\"\n  condition: sub.enabled\n  tags: [t]\n  alias: other\n  import-values:\n  - child: a.b\n    parent: c\n  - data\nmaintainers:\n- name: n\n",
    "apiVersion: v1\nname: ../c\nversion: v01.2\ntype: library\nannotations: {a: 1, b: null}\nmaintainers: [null]\ndependencies: [null, {name: x, alias: a/b}]\n",
];

pub(crate) const VERSIONS: &[&str] = &[
    ">=1.2.3-0 <2 || ~3.x, !=4.1",
    "1.2.3-rc.1+build.5",
    "^0.0.3 - 2",
    "=>1.*, =<v2",
    "01.2",
    "*",
    "1.2.3 - 2.3.4",
];

pub(crate) const PATTERNS: &[&str] = &[
    "(a+)(?:b|c)*[^x-z]{2,5}$\naabbccyy",
    "(?i)^\\pL+\\Q.*\\E(?P<n>[[:alpha:]]|\\d)\\b\nAbc.*1",
    "x{,3}a**|(?s:.)\\x{10FFFF}|[\\w-a]\nxxx",
];
