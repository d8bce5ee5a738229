//! The main jobs of the matrix on a phone: a post changes what its holder may do; a reorganisation is drafted, checked,
//! shown and put into force; a member goes from one branch to another; a roster with a mistake is mended, written and
//! taken back.

mod support;

use anyhow::{Result, ensure};
use support::{browser::Browser, look, site::Site};

const BRANCH: &str = "美丽园居民区第一党支部";
const OTHER_BRANCH: &str = "美丽园居民区第二党支部";

/// Fails when the page that a browser is on is not as every page must be.
async fn is_well(browser: &Browser) -> Result<()> {
    let faults = look::faults(browser).await?;
    ensure!(faults.is_empty(), "{}: {faults:?}", browser.url().await?);
    Ok(())
}

#[tokio::test]
async fn a_post_brings_its_rights_and_takes_them_away() -> Result<()> {
    let Some(secretary) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let Some(resident) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&secretary, "secretary").await?;
    site.sign_in(&resident, "resident").await?;
    let may_see_day_list = async || {
        resident.goto(&site.url("/today")).await?;
        anyhow::Ok(resident.count("form[action$='/delivered']").await? > 0)
    };
    ensure!(!may_see_day_list().await?, "a resident sees the day list of the social workers");

    secretary.goto(&site.url("/posts?q=美丽园社工站")).await?;
    secretary.click_text("社工").await?;
    let post = secretary.path().await?;
    secretary.click("main a[href$='/appoint']").await?;
    secretary.fill("q", "沈慧芳").await?;
    secretary.submit("form[role='search']").await?;
    // Without a person it is refused, and what was typed stays.
    secretary.fill("note", "居委会会议纪要第 8 号").await?;
    secretary.submit("form[method='post'][action$='/appoint']").await?;
    ensure!(secretary.text("[role='alert']").await?.contains("任职人"), "{}", secretary.text("main").await?);
    ensure!(secretary.value("note").await? == "居委会会议纪要第 8 号", "what was typed is gone");
    secretary.choose("person", "沈慧芳").await?;
    let person = secretary.value("person").await?;
    secretary.submit("form[method='post'][action$='/appoint']").await?;
    ensure!(secretary.path().await? == post, "{}", secretary.text("main").await?);
    ensure!(secretary.text("main").await?.contains("沈慧芳"), "{}", secretary.text("main").await?);
    ensure!(may_see_day_list().await?, "{}", resident.text("main").await?);
    // It brings this right and no other: accounts stay with the subdistrict.
    resident.goto(&site.url("/accounts")).await?;
    ensure!(resident.texts("h1").await? != ["账号"], "a social worker manages accounts");

    secretary.click(&format!("main li:has(a[href='/members/{person}']) a[href$='/end']")).await?;
    ensure!(secretary.text("main").await?.contains("沈慧芳"), "{}", secretary.text("main").await?);
    secretary.submit("form.tx-confirm").await?;
    ensure!(!may_see_day_list().await?, "the right stays after the post");
    Ok(())
}

#[tokio::test]
async fn a_reorganisation_is_drafted_checked_shown_and_put_into_force() -> Result<()> {
    let Some(staff) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&staff, "staff").await?;
    staff.goto(&site.url("/reorganisations/new")).await?;
    staff.fill("title", "综合办公室更名").await?;
    staff.fill("effective_on", "2035-01-01").await?;
    staff.submit("form[action='/reorganisations/new']").await?;
    let draft = staff.path().await?;

    // What would leave others without a superior is told, and can't be put into force.
    staff.goto(&site.url(&format!("{draft}?step=close&q=街道行政党组"))).await?;
    staff.choose("organisation", "静安寺街道行政党组").await?;
    staff.submit("form[action$='/steps']").await?;
    ensure!(staff.text("[aria-labelledby='faults']").await?.contains("静安寺街道办事处"), "the orphan is not told");
    ensure!(staff.count("a[href$='/put-in-force']").await? == 0, "a faulty draft can be put into force");
    is_well(&staff).await?;
    staff.submit("form[action$='/steps/1/remove']").await?;

    staff.goto(&site.url(&format!("{draft}?step=rename&q=街道综合办公室"))).await?;
    staff.choose("organisation", "街道综合办公室").await?;
    staff.fill("name", "街道党政综合办公室").await?;
    staff.submit("form[action$='/steps']").await?;
    let after = staff.text("[aria-labelledby='after']").await?;
    ensure!(after.contains("街道党政综合办公室"), "{after}");
    is_well(&staff).await?;
    staff.click("a[href$='/put-in-force']").await?;
    staff.submit("form[action$='/put-in-force']").await?;
    ensure!(staff.text("main").await?.contains("待生效"), "{}", staff.text("main").await?);

    let named = async |day: &str| {
        staff.goto(&site.url(&format!("/organisations?q=综合办公室&on={day}"))).await?;
        staff.texts("main tbody th").await
    };
    ensure!(named("2034-12-31").await? == ["街道综合办公室"], "the day before has changed");
    ensure!(named("2035-01-01").await? == ["街道党政综合办公室"], "the day has not changed");
    Ok(())
}

#[tokio::test]
async fn a_member_goes_from_one_branch_to_another() -> Result<()> {
    let Some(secretary) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let Some(member) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&secretary, "secretary").await?;
    site.sign_in(&member, "resident").await?;
    member.goto(&site.url("/party/me")).await?;
    ensure!(member.text("main").await?.contains(BRANCH), "{}", member.text("main").await?);
    member.click("main a[href$='/transfer']").await?;
    member.choose("to", OTHER_BRANCH).await?;
    member.fill("reason", "搬到延安西路 376 弄").await?;
    member.submit("form[action$='/transfer']").await?;

    for step in ["hand_over", "accept"] {
        secretary.goto(&site.url("/party/transfers?state=open")).await?;
        secretary.click_text("沈慧芳").await?;
        secretary.click(&format!("main a[href$='/{step}']")).await?;
        secretary.submit(&format!("form[action$='/{step}']")).await?;
    }
    ensure!(secretary.text("main").await?.contains("已接收"), "{}", secretary.text("main").await?);
    is_well(&secretary).await?;
    member.goto(&site.url("/party/me")).await?;
    let held = member.texts("[aria-labelledby='h-where'] li:not(.text-secondary)").await?;
    ensure!(held.len() == 1 && held[0].contains(OTHER_BRANCH), "{held:?}");
    Ok(())
}

#[tokio::test]
async fn a_roster_is_mended_written_and_taken_back() -> Result<()> {
    let Some(worker) = Browser::start(390, "zh-Hans").await? else { return Ok(()) };
    let Some(desk) = Browser::start(1280, "en").await? else { return Ok(()) };
    let site = Site::start()?;
    site.sign_in(&worker, "worker").await?;
    site.sign_in(&desk, "worker").await?;
    let folder = tempfile::tempdir()?;
    // The same pages, looked at on a phone in Chinese and on a desk in English.
    let both_are_well = async || {
        desk.goto(&worker.url().await?).await?;
        is_well(&worker).await?;
        is_well(&desk).await
    };
    let upload = async |name: &str, phone: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, format!("姓名,楼组,出生日期,联系电话\n骆雨晴,美丽园居民区,1958-04-02,{phone}\n"))?;
        worker.goto(&site.url("/rosters/new")).await?;
        worker.attach("file", &file).await?;
        worker.submit("form[action='/rosters']").await?;
        let columns = worker.texts("h1").await?;
        ensure!(columns == ["确认各列"], "{columns:?}: {}", worker.text("main").await?);
        both_are_well().await?;
        worker.submit("form[action$='/map']").await
    };
    let finds = async || {
        worker.goto(&site.url("/members?q=骆雨晴")).await?;
        anyhow::Ok(worker.texts("main tbody th").await?.iter().any(|name| name == "骆雨晴"))
    };

    upload("错的.csv", "请打手机").await?;
    let page = worker.text("main").await?;
    ensure!(page.contains("有误 1 行") && page.contains("电话号码不正确"), "{page}");
    ensure!(worker.count("form[action$='/run']").await? == 0, "a roster with a mistake can be written");
    both_are_well().await?;
    worker.click("main a[href$='/cancel']").await?;
    worker.submit("form.tx-confirm").await?;
    ensure!(!finds().await?, "a refused row was written");

    upload("对的.csv", "15500009901").await?;
    both_are_well().await?;
    worker.submit("form[action$='/run']").await?;
    worker.wait_for("main .alert-success").await?;
    let roster = worker.path().await?;
    ensure!(worker.text("main").await?.contains("新增 1 行"), "{}", worker.text("main").await?);
    both_are_well().await?;
    ensure!(finds().await?, "what was written is not found");

    worker.goto(&site.url(&format!("{roster}/undo"))).await?;
    worker.submit("form.tx-confirm").await?;
    ensure!(!finds().await?, "what was taken back is still there");
    Ok(())
}
