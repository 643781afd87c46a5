//! The report page in a real browser, Chromium without a window: does it work, can everybody use it, does it obey what a
//! server sent? `page.mjs` holds the checks, driven by playwright-core, with axe-core for accessibility.
//!
//! They are left out, with the reason, where node, its modules (`npm ci` in this folder) or Chromium are missing, and a
//! failure where `D1C_BROWSER=required` says that they must be there.

#![expect(clippy::expect_used, reason = "a test that cannot be set up must fail")]

mod records;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};

use d1_conformance::report::{RunRecord, html};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tempfile::TempDir;

/// The checks of `page.mjs`.
const CHECKS: [&str; 11] = [
    "silent",
    "filters",
    "links",
    "charts",
    "narrow",
    "colours",
    "keyboard",
    "accessible",
    "print",
    "copy",
    "without_script",
];

/// Where Chromium may be; `CHROMIUM` names another place.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// One look at the pages by a browser.
type Look = Box<dyn FnOnce(&Pages, &Path) -> Result<(), Failed> + Send>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("ten_thousand_exchanges_fit", ten_thousand_exchanges_fit),
        Trial::test("hostile_text_is_no_markup", hostile_text_is_no_markup),
    ];
    let pages: Arc<OnceLock<Pages>> = Arc::default();
    let browser = browser().map(Arc::new);
    let required = env::var("D1C_BROWSER").is_ok_and(|value| value == "required");
    let mut looks: Vec<(&str, Look)> = CHECKS
        .into_iter()
        .map(|check| (check, Box::new(move |pages: &Pages, browser: &Path| pages.look(check, browser)) as Look))
        .collect();
    looks.push(("a_page_that_obeys_is_noticed", Box::new(|pages, browser| pages.tampered().is_noticed(browser))));
    for (name, look) in looks {
        let (pages, browser) = (Arc::clone(&pages), browser.clone());
        let trial = move || match browser {
            Ok(browser) => look(pages.get_or_init(Pages::drawn), &browser).map(|()| Completion::Completed),
            Err(reason) if required => Err(reason.into()),
            Err(reason) => Ok(Completion::ignored_with(reason)),
        };
        trials.push(Trial::ignorable_test(name, trial));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn ten_thousand_exchanges_fit() -> Result<(), Failed> {
    let page = draw(&records::many());
    if page.len() >= 5_000_000 {
        return Err(format!("{} bytes", page.len()).into());
    }
    for part in ["id=\"f500\"", "id=\"s1499\""] {
        if !page.contains(part) {
            return Err(format!("the page has no {part}").into());
        }
    }
    Ok(())
}

fn hostile_text_is_no_markup() -> Result<(), Failed> {
    let hostile = records::hostile();
    let page = draw(&hostile);
    // The same record with a harmless text has the same tags and attributes.
    let quoted = serde_json::to_string(records::HOSTILE).expect("JSON");
    let plain = serde_json::to_string(&hostile).expect("JSON").replace(quoted.trim_matches('"'), "plain");
    let harmless = draw(&serde_json::from_str(&plain).expect("a record"));
    for sign in ['<', '>', '"'] {
        let (found, expected) = (page.matches(sign).count(), harmless.matches(sign).count());
        if found != expected {
            return Err(format!("{found} of {sign:?} where a harmless record has {expected}").into());
        }
    }
    if page.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')) {
        return Err("a control character is on the page".into());
    }
    Ok(())
}

fn draw(record: &RunRecord) -> String {
    html(record).expect("a page")
}

/// The pages of all records in a folder.
struct Pages(TempDir);

impl Pages {
    fn drawn() -> Self {
        let folder = TempDir::new().expect("a folder");
        let all = [
            ("none", records::none()),
            ("few", records::few()),
            ("many", records::many()),
            ("hostile", records::hostile()),
        ];
        for (name, record) in all {
            fs::write(folder.path().join(format!("{name}.html")), draw(&record)).expect("a written page");
        }
        Self(folder)
    }

    fn look(&self, check: &str, browser: &Path) -> Result<(), Failed> {
        let output = Command::new("node")
            .arg(own("page.mjs"))
            .args([check.as_ref(), self.0.path().as_os_str(), browser.as_os_str()])
            .output()
            .map_err(|error| format!("node: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned().into())
    }

    /// The same pages, but what a server sent stands on one of them as it came, and no policy keeps it from running.
    fn tampered(&self) -> Self {
        let folder = TempDir::new().expect("a folder");
        for name in ["none", "few", "many", "hostile"] {
            let mut page = fs::read_to_string(self.0.path().join(format!("{name}.html"))).expect("a page");
            if name == "hostile" {
                page = page.replacen("http-equiv=\"Content-Security-Policy\"", "name=\"policy\"", 1);
                page = page.replacen("<main id=\"main\">", &format!("<main id=\"main\">{}", records::HOSTILE), 1);
            }
            fs::write(folder.path().join(format!("{name}.html")), page).expect("a written page");
        }
        Self(folder)
    }

    /// The check for silence must be able to fail.
    fn is_noticed(&self, browser: &Path) -> Result<(), Failed> {
        match self.look("silent", browser) {
            Ok(()) => Err("the page ran what a server sent, and nobody noticed".into()),
            Err(failed)
                if failed.message().is_some_and(|text| text.contains("hostile:") && text.contains("127.0.0.1:9")) =>
            {
                Ok(())
            }
            Err(failed) => Err(failed),
        }
    }
}

/// The browser, or what is missing.
fn browser() -> Result<PathBuf, String> {
    if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Err("node is not there".to_owned());
    }
    if !own("node_modules/playwright-core").exists() || !own("node_modules/axe-core").exists() {
        return Err("its modules are not there: run `npm ci` in tests/page".to_owned());
    }
    if let Some(named) = env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    let folders: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let places = BROWSERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places
        .into_iter()
        .find(|place| place.is_file())
        .ok_or_else(|| "Chromium is not there: install it, or name it in the environment variable CHROMIUM".to_owned())
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page").join(name)
}
