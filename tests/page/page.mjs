// node page.mjs CHECK FOLDER BROWSER: one check of the pages in a folder. Ends with 0, or says what is wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [check, folder, executablePath] = process.argv.slice(2);
const PAGES = ["none", "few", "many", "hostile"];
const root = process.getuid?.() === 0;

const browser = await chromium.launch({ executablePath, chromiumSandbox: !root });

/** A page, with all that it said, asked for and ran. */
async function open(name, options = {}, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const heard = [];
  const own = pathToFileURL(join(folder, `${name}.html`)).href;
  page.on("console", (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => heard.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { heard.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("popup", (popup) => heard.push(`popup: ${popup.url()}`));
  page.on("request", (request) => { if (request.url() !== own) heard.push(`request: ${request.url()}`); });
  page.on("framenavigated", (frame) => { if (frame.url().split("#")[0] !== own) heard.push(`went to ${frame.url()}`); });
  page.heard = heard;
  await page.goto(own + hash);
  return page;
}

const openAll = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
const visible = (page, selector) => page.locator(`${selector}:visible`).count();
const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  return { tag: at.tagName, name: at.name || "", text: at.textContent.trim().slice(0, 40), id: at.closest("[id]")?.id || "" };
});

const checks = {
  // Nothing runs but the page's own script, nothing is loaded, nobody complains; whatever a server sent.
  async silent() {
    for (const name of PAGES) {
      const page = await open(name);
      try {
        await openAll(page);
        // Every element that could be a trap is focused.
        await page.evaluate(() => {
          for (const one of document.querySelectorAll("a, img, svg, input, [onfocus], [onerror]")) one.focus?.();
          window.scrollTo(0, document.body.scrollHeight);
        });
        await page.waitForTimeout(500);
        const strange = await page.evaluate(() => ({
          ran: window.ran ?? null,
          count: document.querySelectorAll("img, iframe, object, embed, base, link, svg[onload], [onfocus], [onerror], [onload], a[href^='javascript:']").length,
          scripts: document.scripts.length, styles: document.querySelectorAll("style").length,
          refresh: document.querySelectorAll("meta[http-equiv=refresh]").length,
          shown: getComputedStyle(document.querySelector("h1")).display,
        }));
        assert.deepEqual(strange, { ran: null, count: 0, scripts: 1, styles: 1, refresh: 0, shown: "block" });
        assert.deepEqual(page.heard, []);
      } catch (error) {
        throw new Error(`${name}: ${error.message}\nheard: ${page.heard.join("; ")}`);
      }
      await page.context().close();
    }
  },

  async filters() {
    const page = await open("many");
    const said = () => page.locator("#filters output").textContent();
    assert.equal(await said(), "500 of 500 findings and 1500 of 1500 scenarios are shown.");
    const counts = async () => {
      const [, findings, scenarios] = (await said()).match(/^(\d+) of .* and (\d+) of/);
      assert.equal(await visible(page, ".finding"), Number(findings));
      assert.equal(await page.locator(".rows tbody tr:not([hidden])").count(), Number(scenarios));
      assert.equal(await page.locator(".family:not([hidden])").evaluateAll(
        (all) => all.filter((one) => !one.querySelector(".finding:not([hidden])")).length), 0, "an empty group is shown");
      return [Number(findings), Number(scenarios)];
    };
    for (const [name, value] of [["spec", "0"], ["operation", "1"], ["check", "status_code_conformance"], ["result", "warned"], ["kind", "body"]]) {
      await page.selectOption(`[name=${name}]`, value);
      const [findings, scenarios] = await counts();
      const all = name === "kind";
      assert.ok(all ? findings === 500 : findings > 0 && findings < 500, `${name}: ${findings} findings`);
      assert.ok(all ? scenarios === 1500 : scenarios > 0 && scenarios < 1500, `${name}: ${scenarios} scenarios`);
      await page.click("button[type=reset]");
      await page.waitForFunction(() => document.querySelector("#filters output").textContent.startsWith("500 of 500"));
    }
    await page.selectOption("[name=spec]", "1");
    const [ofSpec] = await counts();
    await page.selectOption("[name=result]", "failed");
    const [ofBoth] = await counts();
    assert.ok(ofBoth > 0 && ofBoth < ofSpec, `${ofBoth} of ${ofSpec}`);
    await page.click("button[type=reset]");
    await page.fill("[name=text]", "MEMBER999 ");
    assert.equal((await counts())[0], 1);
    await page.click("[data-fold]");
    assert.ok(await page.locator(".finding:not([hidden]) .exchange").first().isVisible());
    assert.equal(await page.locator("[data-fold]").textContent(), "Fold findings");
    await page.fill("[name=text]", "nothing has this text");
    assert.deepEqual(await counts(), [0, 0]);
    assert.ok(await page.locator("[data-fold]").isDisabled());
    assert.deepEqual(page.heard, []);
  },

  async links() {
    const page = await open("many");
    const broken = await page.evaluate(() => [...document.querySelectorAll("a[href^='#']")]
      .map((link) => link.getAttribute("href")).filter((href) => !document.getElementById(href.slice(1))));
    assert.deepEqual(broken, [], "anchors that lead nowhere");
    const twice = await page.evaluate(() => {
      const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
      return ids.filter((id, at) => ids.indexOf(id) !== at);
    });
    assert.deepEqual(twice, [], "two elements have one id");
    const inView = (selector) => page.locator(selector).evaluate((one) => {
      const box = one.getBoundingClientRect();
      return box.top < innerHeight && box.bottom > 0;
    });
    // From the list of page one to the finding, which opens.
    await page.click("#fix ~ .wide a[href='#g3']");
    await page.waitForFunction(() => document.querySelector("#g3 .finding").open);
    assert.ok(await inView("#g3 h3"));
    // A cell of the map sets the filters and says where it leads.
    const cell = page.locator(".map a[data-kind]").nth(2);
    const operation = await cell.getAttribute("data-operation");
    await cell.click();
    assert.equal(await page.inputValue("[name=operation]"), operation);
    assert.equal(await page.inputValue("[name=kind]"), "body");
    assert.equal((await focused(page)).name, "operation");
    const shown = await page.locator(".finding:not([hidden])").evaluateAll((all) => all.map((one) => one.dataset.cells));
    assert.ok(shown.length > 0 && shown.every((cells) => cells.split(" ").includes(`${operation}:body`)));
    // From a finding to its scenario, though it is folded and filtered.
    await page.fill("[name=text]", "member3 ");
    await page.evaluate(() => { location.hash = "#s1499"; });
    await page.waitForFunction(() => document.getElementById("s1499").closest("details").open);
    assert.ok(await inView("#s1499"), "the scenario is out of sight");
    const straight = await open("many", {}, "#f321");
    assert.ok(await straight.locator("#f321 dl").isVisible(), "a link from outside");
    assert.deepEqual(page.heard.concat(straight.heard), []);
  },

  // A figure is a picture and a table at once; its rows lead to what they count.
  async charts() {
    const page = await open("many");
    const rows = await page.locator("#checks ~ .wide .chart").first().locator("tbody tr").evaluateAll((all) => all.map((row) => ({
      check: row.querySelector("a").dataset.filterCheck,
      numbers: [...row.querySelectorAll(".number")].map((cell) => Number(cell.textContent)),
      width: row.querySelector("svg").getBoundingClientRect().width,
      drawn: [...row.querySelectorAll("rect")].reduce((sum, rect) => sum + rect.getBoundingClientRect().width, 0),
    })));
    assert.equal(rows.flatMap((row) => row.numbers).reduce((sum, count) => sum + count, 0), 500);
    const most = Math.max(...rows.map((row) => row.numbers.reduce((sum, count) => sum + count, 0)));
    for (const row of rows) {
      const share = row.numbers.reduce((sum, count) => sum + count, 0) / most;
      assert.ok(row.width > 50 && Math.abs(row.drawn / row.width - share) < 0.02, JSON.stringify(row));
    }
    await page.click(`[data-filter-check="${rows[0].check}"]`);
    assert.equal(await page.inputValue("[name=check]"), rows[0].check);
    assert.equal((await focused(page)).name, "check");
  },

  async narrow() {
    for (const name of PAGES) {
      for (const width of [320, 400, 800, 1280]) {
        const page = await open(name, { viewport: { width, height: 800 } });
        if (name !== "many") await openAll(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${name} at ${width}: ${wide} wide`);
        const cut = await page.evaluate((most) => [...document.querySelectorAll("h1, h2, h3, h4, p, dd, li, pre, button, select")]
          .filter((one) => one.checkVisibility() && !one.closest(".wide") && one.getBoundingClientRect().right > most + 1)
          .map((one) => one.outerHTML.slice(0, 90)), width);
        assert.deepEqual(cut, [], `${name} at ${width}`);
        await page.context().close();
      }
    }
  },

  async colours() {
    const light = await open("few", { colorScheme: "light" });
    const dark = await open("few", { colorScheme: "dark" });
    const colours = (page) => page.evaluate(() => {
      const style = getComputedStyle(document.body);
      return [style.backgroundColor, style.color].map((text) => text.match(/\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b));
    });
    const [[lightBack, lightText], [darkBack, darkText]] = [await colours(light), await colours(dark)];
    assert.ok(lightBack > 600 && lightText < 200, `light: ${lightBack} ${lightText}`);
    assert.ok(darkBack < 150 && darkText > 600, `dark: ${darkBack} ${darkText}`);
    // On paper it is always light.
    await dark.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.ok((await colours(dark))[0] > 600, "dark paper");
  },

  async keyboard() {
    const page = await open("few");
    await page.keyboard.press("Tab");
    assert.match((await focused(page)).text, /^Skip to/);
    assert.ok((await page.locator(".skip").boundingBox()).x >= 0, "the skip link is out of sight");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => location.hash), "#main");
    // All that can be reached is reached once around, and all of it shows where the focus is.
    const reached = [];
    for (let step = 0; step < 400; step += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const one = document.activeElement;
        if (one === document.body) return null;
        const style = getComputedStyle(one);
        return { what: `${one.tagName} ${one.name || one.textContent.trim().slice(0, 30)}`, outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
      });
      if (!at) break;
      assert.ok(at.outlined, `no focus is shown at ${at.what}`);
      reached.push(at.what);
    }
    for (const part of ["SELECT spec", "SELECT operation", "SELECT check", "SELECT result", "INPUT text", "BUTTON Show all", "SUMMARY"]) {
      assert.ok(reached.some((what) => what.startsWith(part)), `${part} is not reached: ${reached.join(", ")}`);
    }
    // A finding folds and opens, a filter filters.
    const first = page.locator("#f1 > summary");
    const was = await page.locator("#f1").evaluate((one) => one.open);
    await first.focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#f1").evaluate((one) => one.open), !was);
    await page.locator("[name=text]").focus();
    await page.keyboard.type("member14 ");
    assert.equal(await visible(page, ".finding"), 1);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#filters output").textContent.startsWith("3 of 3"));
  },

  async accessible() {
    const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const found = [];
    for (const name of ["none", "few", "hostile"]) {
      for (const colorScheme of ["light", "dark"]) {
        for (const width of [400, 1280]) {
          const page = await open(name, { colorScheme, viewport: { width, height: 900 } });
          await openAll(page);
          await page.evaluate(source);
          const { violations } = await page.evaluate(() => window.axe.run());
          for (const one of violations.filter((one) => ["serious", "critical"].includes(one.impact))) {
            found.push(`${name} ${colorScheme} ${width}: ${one.id}, ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 120)} ${node.any[0]?.message || ""}`).join("\n  ")}`);
          }
          await page.context().close();
        }
      }
    }
    assert.equal(found.join("\n"), "");
  },

  // What is open is printed, on few sheets and without what can only be clicked.
  async print() {
    for (const [name, most] of [["none", 3], ["few", 12], ["many", 40]]) {
      const page = await open(name);
      const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
      const sheets = (pdf.match(/\/Type\s*\/Page\b/g) || []).length;
      assert.ok(sheets > 0 && sheets <= most, `${name}: ${sheets} sheets`);
    }
    const page = await open("few");
    await page.emulateMedia({ media: "print" });
    for (const part of ["nav", "form", ".curl button"]) assert.equal(await visible(page, part), 0, part);
    assert.equal(await visible(page, ".finding > .exchange"), 3);
    const cut = await page.locator("pre").evaluateAll((all) => all.filter((one) => one.checkVisibility() && one.scrollHeight > one.clientHeight + 1).length);
    assert.equal(cut, 0, "text that paper cannot scroll");
  },

  async copy() {
    const page = await open("few");
    const button = page.locator("#f1 [data-copy]").first();
    const line = await page.locator("#f1 .curl pre").first().textContent();
    await button.click();
    await page.waitForFunction(() => /Copied|Selected/.test(document.querySelector("#f1 [data-copy]").textContent));
    assert.equal(await page.evaluate(() => getSelection().toString()), line);
    // What was copied is what is pasted.
    if (await button.textContent() === "Copied") {
      await page.locator("[name=text]").focus();
      await page.keyboard.press("Control+V");
      assert.equal(await page.inputValue("[name=text]"), line);
    }
  },

  async without_script() {
    const page = await open("many", { javaScriptEnabled: false });
    assert.equal(await visible(page, "form"), 0, "a filter that does nothing");
    assert.equal(await visible(page, ".finding"), 500);
    assert.equal(await visible(page, "[data-copy]"), 0);
    await page.locator("#f1 > summary").click();
    assert.ok(await page.locator("#f1 .exchange").first().isVisible());
  },
};

try {
  await checks[check]();
} catch (error) {
  console.error(error.stack || String(error));
  process.exitCode = 1;
} finally {
  await browser.close();
}
