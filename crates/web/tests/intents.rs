//! Pages of needs and offers, and the front page: who may do what, bad input, both languages.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::header;
use common::{Answer, Site, site};
use tongxin_app::{
    Slice,
    service::intents::{self, IntentFilter, Sight},
};
use tongxin_core::service::{IntentState, Side, Visibility};

/// The members' page of one open need or offer that `fits`.
async fn find(
    site: &Site,
    login: &str,
    side: Side,
    fits: impl Fn(&intents::IntentCard) -> bool,
) -> intents::IntentCard {
    let who = site.viewer(login).await;
    let mut filter = IntentFilter::new(side, Sight::Public);
    filter.states = vec![IntentState::Open];
    let page = intents::list(&site.app, &who, filter, Slice { offset: 0, limit: 500 }).await.unwrap();
    page.rows.into_iter().find(|card| fits(card)).expect("the sample has one")
}

fn local(site: &Site, days: i64, hour: u32) -> String {
    let day = site.app.today() + chrono::Duration::days(days);
    format!("{}T{hour:02}:00", day.format("%Y-%m-%d"))
}

fn filled<'a>(from: &'a str, until: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("category", "convenience"),
        ("care_kind", "material"),
        ("title", "请人上门理发 <b>✂️</b>"),
        ("text", "下午方便。"),
        ("from", from),
        ("until", until),
        ("repeat", "weekly"),
        ("weekday", "WE"),
        ("quantity", "2"),
        ("urgency", "soon"),
        ("visibility", "members"),
        ("once", "1"),
    ]
}

fn with<'a>(
    mut fields: Vec<(&'static str, &'a str)>,
    name: &'static str,
    value: &'a str,
) -> Vec<(&'static str, &'a str)> {
    fields.retain(|(key, _)| *key != name);
    fields.push((name, value));
    fields
}

#[tokio::test]
async fn anybody_sees_the_front_and_the_public_lists() {
    let site = site().await;
    for (lang, find_help, needs) in [("zh-Hans", "找帮助", "需求"), ("en", "Find help", "Needs")] {
        let home = site.get_in("", "/", lang).await;
        assert_eq!(home.status, 200, "{}", home.body);
        assert!(home.body.contains(find_help) && home.body.contains("/needs?category=education"));
        let list = site.get_in("", "/needs", lang).await;
        assert_eq!(list.status, 200, "{}", list.body);
        assert!(list.body.contains(&format!("<h1 class=\"page-title\">{needs}</h1>")));
        assert!(!list.body.contains(".xlsx"), "files are for members");
        assert_eq!(site.get_in("", "/offers?state=all&sort=ends&q=理发", lang).await.status, 200);
        assert_eq!(site.get_in("", "/about", lang).await.status, 200);
    }
}

#[tokio::test]
async fn a_guest_sees_no_persons_name_and_nothing_of_the_members() {
    let site = site().await;
    let public = find(&site, "", Side::Need, |card| card.member.is_none()).await;
    let (status, body) = site.get("", &format!("/needs/{}", public.intent.id)).await;
    assert_eq!(status, 200, "{body}");
    let hidden = find(&site, "resident", Side::Need, |c| c.intent.draft.visibility == Visibility::Members).await;
    let name = hidden.member.expect("members see names").name;
    let (status, body) = site.get("", &format!("/needs/{}", hidden.intent.id)).await;
    assert_eq!(status, 303, "a guest is led to the sign-in page");
    assert!(!body.contains(&name));
    let (status, _) = site.get("", "/needs.xlsx").await;
    assert_eq!(status, 303);
    let (status, _) = site.get("resident", "/needs/not-an-id").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn lists_filter_and_become_files() {
    let site = site().await;
    let (status, body) = site.get("resident", "/needs?category=jobs_skills&state=all&urgency=urgent").await;
    assert_eq!(status, 200, "{body}");
    let csv = site.get_in("resident", "/offers.csv?category=culture", "zh-Hans").await;
    assert_eq!(csv.status, 200);
    assert!(csv.body.starts_with("\u{feff}标题,"));
    assert!(csv.body.lines().count() > 1 && csv.body.lines().skip(1).all(|l| !l.contains(",医疗,")));
    let xlsx = site.get_in("resident", "/offers.xlsx", "en").await;
    assert_eq!((xlsx.status.as_u16(), &xlsx.bytes[..2]), (200, &b"PK"[..]));
    let (status, body) = site.get("resident", "/needs?q=没有这种东西的需求").await;
    assert_eq!(status, 200);
    assert!(body.contains("没有符合条件的需求"));
}

async fn hand_in(site: &Site, login: &str, title: &str) -> String {
    let (from, until) = (local(site, 1, 14), local(site, 29, 16));
    let fields = with(filled(&from, &until), "title", title);
    let answer = site.post_answer(login, "/needs/new", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().to_owned()
}

#[tokio::test]
async fn a_resident_hands_in_edits_withdraws_and_reopens() {
    let site = site().await;
    assert_eq!(site.get("", "/needs/new").await.0, 303);
    let (status, body) = site.get("resident", "/needs/new?category=culture").await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("value=\"culture\" selected"));
    let path = hand_in(&site, "resident", "请人上门理发 <b>✂️</b>").await;
    assert_eq!(
        hand_in(&site, "resident", "请人上门理发 <b>✂️</b>").await,
        path,
        "the same form sent twice is one need"
    );
    assert_ne!(hand_in(&site, "resident", "修水管").await, path);
    let (status, body) = site.get("resident", &path).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("每周三") && body.contains("接下来的时间"));
    assert!(!body.contains("<b>✂️"), "what was typed is text");
    let other_side = site.get_in("resident", &path.replace("needs", "offers"), "en").await;
    assert_eq!((other_side.status.as_u16(), other_side.location()), (303, path.as_str()));

    let (status, body) = site.get("resident", &format!("{path}/edit")).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("value=\"weekly\" selected") && body.contains("value=\"WE\" checked"));
    let (from, until) = (local(&site, 2, 9), local(&site, 9, 11));
    let edited = with(with(filled(&from, &until), "title", "改成上午"), "repeat", "once");
    assert_eq!(site.post("resident", &format!("{path}/edit"), &edited).await.0, 303);
    let (_, body) = site.get("resident", &path).await;
    assert!(body.contains("改成上午"));
    assert_eq!(site.post("unit", &format!("{path}/edit"), &edited).await.0, 403);

    assert_eq!(site.get("unit", &format!("{path}/withdraw")).await.0, 403);
    let (status, body) = site.get("resident", &format!("{path}/withdraw")).await;
    assert!(status == 200 && body.contains("要撤回这个需求吗？"), "{body}");
    assert_eq!(site.post("unit", &format!("{path}/withdraw"), &[]).await.0, 403);
    assert_eq!(site.post("resident", &format!("{path}/withdraw"), &[]).await.0, 303);
    let again = site.post_answer("resident", &format!("{path}/withdraw"), &[]).await;
    assert_eq!(again.status, 409);
    assert!(again.body.contains(&path), "there is a way back");
    assert_eq!(site.post("resident", &format!("{path}/reopen"), &[]).await.0, 303);
    let (_, body) = site.get("resident", &path).await;
    assert!(body.contains("待对接"));
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_typed_stays() {
    let site = site().await;
    let (from, until) = (local(&site, 9, 14), local(&site, 1, 16));
    let long = "长".repeat(61);
    let fields = filled(&from, &until);
    let fields = with(with(with(fields, "title", &long), "quantity", "0"), "category", "nonsense");
    let answer = site.post_answer("resident", "/offers/new", &fields).await;
    assert_eq!(answer.status, 422);
    for part in ["#f-title", "#f-quantity", "#f-category", "#f-until", "结束应在开始之后", "value=\"0\"", &long]
    {
        assert!(answer.body.contains(part), "{part}");
    }
    let cases = [
        ("title", "", "#f-title"),
        ("from", "yesterday", "#f-from"),
        ("place", "nowhere", "#f-place"),
        ("member", "00000000-0000-0000-0000-000000000001", "#f-member"),
        ("visibility", "nobody", "#f-visibility"),
        ("quantity", "99999999999999999999", "#f-quantity"),
    ];
    let (from, until) = (local(&site, 1, 14), local(&site, 9, 16));
    for (name, value, part) in cases {
        let (status, body) = site.post("resident", "/needs/new", &with(filled(&from, &until), name, value)).await;
        assert_eq!(status, 422, "{name}");
        assert!(body.contains(part) && body.contains("请人上门理发"), "{name}");
    }
    let custom = with(filled(&from, &until), "repeat", "custom");
    let (status, body) = site.post("resident", "/needs/new", &custom).await;
    assert!(status == 422 && body.contains("#f-rrule"));
    let past = site.post("resident", "/needs/new", &filled("2020-01-01T09:00", "2020-01-02T09:00")).await;
    assert!(past.0 == 422 && past.1.contains("这个时间已经过去"));
    let fields = with(filled(&from, &until), "csrf", "stolen");
    let mut forged = fields.clone();
    forged.insert(0, ("csrf", "stolen"));
    assert_eq!(site.post("", "/needs/new", &forged).await.0, 401);
}

#[tokio::test]
async fn a_worker_hands_in_for_an_elder() {
    let site = site().await;
    let (from, until) = (local(&site, 1, 14), local(&site, 29, 16));
    let who = site.viewer("worker").await;
    let elder = find(&site, "worker", Side::Need, |card| {
        card.member.as_ref().is_some_and(|m| m.kind == tongxin_core::people::MemberKind::Person)
            && who.actor().unwrap().staff_places().contains(&card.intent.location.area.unwrap_or_default())
    })
    .await;
    let name = elder.member.clone().unwrap().name;
    let looking = with(with(filled(&from, &until), "find_name", &name), "find", "1");
    let (status, body) = site.post("worker", "/needs/new", &looking).await;
    assert_eq!(status, 200, "looking a name up stores nothing: {body}");
    let id = elder.intent.member.to_string();
    assert!(body.contains(&format!("value=\"{id}\"")) && body.contains("请人上门理发"));
    let (status, body) = site.post("worker", "/needs/new", &with(looking.clone(), "find_name", "查无此人之名")).await;
    assert!(status == 200 && body.contains("没有找到这位成员"), "{status}");
    for (who, asked, told) in [
        ("secretary", "查无此人之名", "没有找到这位成员"),
        ("secretary", "…", "没有找到这位成员"),
        ("worker", "美丽园", "位成员"),
    ] {
        let (_, body) = site.post(who, "/needs/new", &with(looking.clone(), "find_name", asked)).await;
        assert!(body.contains(told) && body.contains("f-find_name-error"), "{who} {asked}: {body}");
    }
    let answer = site.post_answer("worker", "/needs/new", &with(filled(&from, &until), "member", &id)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (_, body) = site.get("worker", answer.location()).await;
    assert!(body.contains(&name));
    let (status, _) = site.post("resident", "/needs/new", &with(filled(&from, &until), "member", &id)).await;
    assert_eq!(status, 403, "a neighbour may not");
}

#[tokio::test]
async fn a_list_can_be_of_one_member() {
    let site = site().await;
    let resident = site.viewer("resident").await.actor().unwrap().clone();
    let path = format!("/needs?member={}&state=all", resident.person);
    let (_, body) = site.get("worker", &path).await;
    assert!(body.contains(&format!("只看：{}", resident.name)) && body.contains("href=\"/needs?state=all\""), "{body}");
    let rows = body.matches("<th scope=\"row\"").count();
    assert!(rows > 0 && body.matches(&resident.name).count() >= rows, "{body}");
    assert!(site.get_in("worker", &path, "en").await.body.contains(&format!("Only {}", resident.name)));
    // Guests see no names of persons, so they can't ask for one's entries.
    let (_, all) = site.get("", "/needs?state=all").await;
    let (_, guest) = site.get("", &path).await;
    let total = |body: &str| body.split("共 ").nth(1).and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    assert_eq!(total(&guest), total(&all));
    assert!(!guest.contains("只看："));
    let (_, member) = site.get("worker", &format!("/members/{}", resident.person)).await;
    assert!(member.contains(&format!("/needs?member={}&amp;state=all", resident.person)), "{member}");
}

fn leads_to_a_match(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().starts_with("/matches/")
}

#[tokio::test]
async fn a_neighbour_answers_and_a_worker_sees_who_fits() {
    let site = site().await;
    let path = hand_in(&site, "resident", "想学用手机挂号").await;
    assert_eq!(site.get("", &format!("{path}/respond")).await.0, 303);
    let (_, own) = site.get("resident", &path).await;
    assert!(!own.contains("/respond"), "nobody answers itself");
    let (status, body) = site.get("unit", &format!("{path}/respond")).await;
    assert!(status == 200 && body.contains("我来帮忙"), "{body}");
    let (status, body) =
        site.post("unit", &format!("{path}/respond"), &[("quantity", "9"), ("text", "周三可以")]).await;
    assert!(status == 422 && body.contains("周三可以"), "{body}");
    let answer = site.post_answer("unit", &format!("{path}/respond"), &[("quantity", "1"), ("text", "周三可以")]).await;
    assert!(leads_to_a_match(&answer), "{} {}", answer.status, answer.body);
    let own = [("quantity", "1"), ("text", "")];
    let (status, _) = site.post("resident", &format!("{path}/respond"), &own).await;
    assert!(status == 409, "{status}");

    let (status, body) = site.get("resident", &path).await;
    assert!(status == 200 && body.contains("/matches/") && body.contains("待答复"), "{body}");
    let (status, body) = site.get("resident", &format!("{path}/matches")).await;
    assert!(status == 200 && body.contains("action=\"/matches\"") && body.contains("匹配度"), "{body}");
    assert_eq!(site.get("unit", &format!("{path}/matches")).await.0, 403);
}

#[tokio::test]
async fn a_form_sent_twice_at_once_is_taken_once() {
    let site = site().await;
    let (_, page) = site.get("resident", "/needs/new").await;
    let (_, other) = site.get("resident", "/needs/new").await;
    let id = |page: &str| page.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_ne!(id(&page), id(&other), "each page opened is a form of its own");

    let title = "双击的需求";
    let (one, two) = tokio::join!(hand_in(&site, "resident", title), hand_in(&site, "resident", title));
    assert_eq!(one, two);
    let respond = format!("{one}/respond");
    let fields = [("once", "r1"), ("quantity", "1"), ("text", "我可以")];
    assert!(site.get("worker", &respond).await.1.contains("name=\"once\""));
    let send = || site.post_answer("worker", &respond, &fields);
    let (first, second) = tokio::join!(send(), send());
    let third = send().await;
    assert_eq!((first.status.as_u16(), third.status.as_u16()), (303, 303), "{}", first.body);
    for again in [&second, &third] {
        assert_eq!(again.location(), first.location());
        assert_eq!(again.headers[header::SET_COOKIE], first.headers[header::SET_COOKIE], "it tells the same");
    }
    // The same words in a form opened anew are a second answer.
    let anew = site.post_answer("worker", &respond, &[("once", "r2"), ("quantity", "1"), ("text", "我可以")]).await;
    assert_eq!(anew.status, 303);
    assert_ne!(anew.location(), first.location());
}

#[tokio::test]
async fn a_path_with_a_broken_id_names_nothing() {
    let site = site().await;
    for path in
        ["/needs/x", "/offers/7/edit", "/matches/x", "/matches/x/deliver", "/members/x", "/members/x/edit", "/runs/x"]
    {
        let (status, body) = site.get("staff", path).await;
        assert_eq!(status, 404, "{path}: {body}");
        assert!(body.contains("</html>") && body.contains("href=\"/needs\""), "{path}: {body}");
    }
    for path in ["/places/x", "/accounts/x", "/me/account/tokens/x/delete"] {
        assert_eq!(site.get("staff", path).await.0, 404, "{path}");
    }
    assert_eq!(site.post("staff", "/deliveries/x/confirm", &[]).await.0, 404);
    for path in ["/api/v1/needs/x", "/api/v1/matches/x", "/api/v1/members/x", "/api/v1/runs/x"] {
        let answer = site.get_in("staff", path, "en").await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
    }
}
