//! Finds the operations behind a path.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::contract::{Contract, Operation, PathTemplate};

/// All served paths, those with the fewest captures first.
#[derive(Debug)]
pub struct RouteTable {
    routes: Vec<Route>,
}

/// One path with its methods.
#[derive(Debug)]
struct Route {
    template: PathTemplate,
    operations: Vec<Arc<Operation>>,
}

/// The operations on a path and the raw values in it.
#[derive(Debug)]
pub struct Found<'t, 'p> {
    /// In the order of the contract.
    pub operations: &'t [Arc<Operation>],
    /// Still percent-encoded.
    pub captured: Vec<(String, &'p str)>,
}

impl RouteTable {
    /// Puts the base path of each contract before its templates. Templates that meet the same URLs are one route, even
    /// when they stand in two files.
    pub fn new(contracts: &[Arc<Contract>]) -> Self {
        let mut routes: Vec<Route> = Vec::new();
        for contract in contracts {
            for operation in &contract.operations {
                let template = PathTemplate::new(&format!("{}{}", contract.base_path, operation.path));
                match routes.iter_mut().find(|route| route.template.shape() == template.shape()) {
                    Some(route) => route.operations.push(Arc::clone(operation)),
                    None => routes.push(Route { template, operations: vec![Arc::clone(operation)] }),
                }
            }
        }
        routes.sort_by_key(|route| Reverse(literals(&route.template)));
        Self { routes }
    }

    /// The operations on a path; a path of more literal segments wins.
    pub fn find<'t, 'p>(&'t self, path: &'p str) -> Option<Found<'t, 'p>> {
        self.routes.iter().find_map(|route| {
            route.template.capture(path).map(|captured| Found { operations: &route.operations, captured })
        })
    }
}

fn literals(template: &PathTemplate) -> usize {
    template.as_str().split('/').filter(|segment| !segment.contains('{')).count()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::RouteTable;
    use crate::contract::{Contract, Document};

    #[test]
    fn literal_segments_win_over_captures() {
        let yaml = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  \
                    /a/{x}:\n    get: {operationId: any, parameters: [{name: x, in: path, required: true, schema: {type: string}}], responses: {'200': {description: d}}}\n  \
                    /a/b:\n    get: {operationId: exact, responses: {'200': {description: d}}}\n";
        let document = Document::parse(Path::new("t.yaml"), yaml).expect("yaml");
        let mut contract = Contract::read("t", document).expect("contract");
        contract.base_path = "/base".into();
        let table = RouteTable::new(&[Arc::new(contract)]);
        assert_eq!(table.find("/base/a/b").expect("route").operations[0].id.name(), "exact");
        let found = table.find("/base/a/c").expect("route");
        assert_eq!(found.operations[0].id.name(), "any");
        assert_eq!(found.captured, [("x".to_owned(), "c")]);
        assert!(table.find("/a/c").is_none());
    }
}
