//! The main job from end to end in a browser: a need is handed in on a phone, a unit answers it, the time is arranged, it is
//! delivered, both sides confirm, the receiver rates; bad input is told and changes nothing; a run matches a whole area.

mod support;

use anyhow::{Result, ensure};
use support::{browser::Browser, site::Site};

const TITLE: &str = "请人教我用手机预约挂号";

#[tokio::test]
async fn a_need_is_met() -> Result<()> {
    let Some(resident) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let Some(unit) = Browser::start(1280, "en").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&resident, "resident").await?;
    site.sign_in(&unit, "unit").await?;

    // The resident hands a need in; a form with mistakes comes back as it was typed.
    resident.goto(&site.url("/needs/new")).await?;
    resident.fill("category", "popular_science").await?;
    resident.fill("care_kind", "spiritual").await?;
    resident.fill("quantity", "0").await?;
    resident.fill("text", "眼睛不好，请说慢一点 🙂 <b>谢谢</b>").await?;
    resident.submit("form[action='/needs/new']").await?;
    let refused = resident.text("[role='alert']").await?;
    ensure!(refused.contains("此项必填") && refused.contains("1 到"), "{refused}");
    ensure!(resident.value("text").await?.contains("<b>谢谢</b>"), "what was typed is gone");
    resident.fill("title", TITLE).await?;
    resident.fill("quantity", "1").await?;
    resident.fill("visibility", "members").await?;
    resident.submit("form[action='/needs/new']").await?;
    let need = resident.path().await?;
    ensure!(need.starts_with("/needs/") && need != "/needs/new", "{need}");
    let page = resident.text("main").await?;
    ensure!(page.contains(TITLE) && page.contains("<b>谢谢</b>") && page.contains("待对接"), "{page}");

    // The unit answers it; the resident is asked and accepts.
    unit.goto(&site.url(&need)).await?;
    unit.click("a[href$='/respond']").await?;
    unit.submit("form[action$='/respond']").await?;
    let found = unit.path().await?;
    ensure!(found.starts_with("/matches/"), "{found}: {}", unit.text("main").await?);
    resident.goto(&site.url(&found)).await?;
    resident.submit("form[action$='/accept']").await?;

    // The unit arranges a time and records the delivery, which confirms its side.
    unit.goto(&site.url(&format!("{found}/arrange"))).await?;
    unit.submit("form[action$='/arrange']").await?;
    unit.goto(&site.url(&format!("{found}/deliver"))).await?;
    unit.fill("minutes", "45").await?;
    unit.submit("form[action$='/deliver']").await?;

    // The resident confirms and rates.
    resident.goto(&site.url(&found)).await?;
    resident.submit("form[action^='/deliveries/'][action$='/confirm']").await?;
    resident.click("a[href*='/deliveries/'][href*='/rate']").await?;
    resident.fill("rating", "5").await?;
    resident.fill("comment", "讲得很耐心").await?;
    resident.submit("form[action^='/deliveries/'][action*='/rate']").await?;
    resident.goto(&site.url(&found)).await?;
    let page = resident.text("main").await?;
    ensure!(page.contains("讲得很耐心") && page.contains("已确认"), "{page}");
    resident.goto(&site.url(&need)).await?;
    ensure!(resident.text("main").await?.contains("已完成"), "{}", resident.text("main").await?);
    Ok(())
}

#[tokio::test]
async fn a_run_matches_an_area() -> Result<()> {
    let Some(secretary) = Browser::start(1280, "zh-Hans").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&secretary, "secretary").await?;
    secretary.goto(&site.url("/runs")).await?;
    secretary.submit("form[action='/runs']").await?;
    let run = secretary.path().await?;
    ensure!(run.starts_with("/runs/"), "{run}: {}", secretary.text("main").await?);
    let proposals = secretary.count("input[name='position']").await?;
    ensure!(proposals > 5, "{proposals} proposals");
    secretary.click("button[name='decision'][value='all']").await?;
    ensure!(secretary.count("main a[href^='/matches/']").await? >= 5, "{}", secretary.text("main").await?);
    Ok(())
}

#[tokio::test]
async fn a_social_worker_records_a_visit_with_one_tap() -> Result<()> {
    let Some(worker) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&worker, "worker").await?;
    worker.goto(&site.url("/today")).await?;
    let before = worker.count("form[action$='/delivered']").await?;
    ensure!(before > 0, "no visit today: {}", worker.text("main").await?);
    worker.click_and_accept("form[action$='/delivered'] button").await?;
    worker.goto(&site.url("/today")).await?;
    let after = worker.count("form[action$='/delivered']").await?;
    ensure!(after + 1 == before, "{before} visits before, {after} after");
    Ok(())
}
