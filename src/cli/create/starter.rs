//! Our own starter: a web service in a Deployment, with what usually goes with it.

/// Its files, with `<CHARTNAME>` for the chart's name.
pub(super) const FILES: [(&str, &str); 11] = [
    ("Chart.yaml", include_str!("starter/Chart.yaml")),
    ("values.yaml", include_str!("starter/values.yaml")),
    (".helmignore", include_str!("starter/helmignore")),
    ("templates/_names.tpl", include_str!("starter/templates/_names.tpl")),
    ("templates/deployment.yaml", include_str!("starter/templates/deployment.yaml")),
    ("templates/service.yaml", include_str!("starter/templates/service.yaml")),
    ("templates/serviceaccount.yaml", include_str!("starter/templates/serviceaccount.yaml")),
    ("templates/ingress.yaml", include_str!("starter/templates/ingress.yaml")),
    (
        "templates/horizontalpodautoscaler.yaml",
        include_str!("starter/templates/horizontalpodautoscaler.yaml"),
    ),
    ("templates/NOTES.txt", include_str!("starter/templates/NOTES.txt")),
    ("templates/tests/answers.yaml", include_str!("starter/templates/tests/answers.yaml")),
];
