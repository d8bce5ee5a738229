//! Pages of the organisations, on the sample community: the matrix, trees, chart, changes, an organisation, its forms, and a
//! residential area's system, as of today and of another day.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::{Site, site};
use tongxin_app::{
    Slice, Viewer,
    community::structure::{self, OrganisationFilter},
};
use uuid::Uuid;

/// The day before the reorganisation of the sample, and the day of it.
const BEFORE: &str = "2008-06-30";
const AFTER: &str = "2008-07-01";

async fn named(site: &Site, name: &str, on: &str) -> Uuid {
    let filter =
        OrganisationFilter { text: Some(name.into()), on: Some(on.parse().unwrap()), ..OrganisationFilter::default() };
    let found = structure::list(&site.app, &Viewer::Guest, &filter, Slice { offset: 0, limit: 100 }).await.unwrap();
    let exact = found.rows.iter().find(|l| l.standing.name == name);
    exact.unwrap_or_else(|| panic!("{name} on {on}: {:?}", found.rows)).standing.organisation
}

async fn area(site: &Site, name: &str) -> Uuid {
    site.app.territory().await.unwrap().areas().iter().find(|p| p.name == name).unwrap().id
}

#[tokio::test]
async fn every_view_is_shown_to_everybody_in_both_languages() {
    let site = site().await;
    let area = area(&site, "美丽园居民区").await;
    let pages = [
        "/organisations".to_owned(),
        "/organisations/line".to_owned(),
        "/organisations/territory".to_owned(),
        "/organisations/matrix".to_owned(),
        "/organisations/chart".to_owned(),
        "/organisations/chart?by=territory&levels=2".to_owned(),
        "/organisations/changes?with=2008-06-30&on=2008-07-01".to_owned(),
        format!("/areas/{area}/system"),
    ];
    for path in &pages {
        for login in ["", "staff"] {
            for lang in ["zh-Hans", "en"] {
                let answer = site.get_in(login, path, lang).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                assert!(!answer.body.contains("organisation-"), "{path}: a word is missing");
                assert!(!answer.body.contains(" style=\""), "{path}");
            }
        }
        assert_eq!(
            site.get("", &format!("{path}{}on=none&root=x&line=y", if path.contains('?') { '&' } else { '?' })).await.0,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn departments_before_and_after() {
    let site = site().await;
    let (_, before) = site.get("", &format!("/organisations/line?on={BEFORE}")).await;
    let (_, after) = site.get("", &format!("/organisations/line?on={AFTER}")).await;
    for section in
        ["组织人事科", "宣传统战科", "民政科", "劳动保障科", "人口计生科", "市政管理科", "综合治理科", "经济科"]
    {
        assert!(before.contains(section) && !after.contains(section), "{section}");
    }
    for department in ["党群工作部", "社区服务部", "社区管理部", "社区平安部", "社区发展部", "综合办公室"]
    {
        assert!(!before.contains(department) && after.contains(department), "{department}");
    }
    assert!(before.contains("党政办公室") && !after.contains("党政办公室"));
    let office = named(&site, "静安寺街道办事处", AFTER).await;
    let level = async |on: &str| {
        let view = structure::structure(&site.app, &Viewer::Guest, Some(on.parse().unwrap())).await.unwrap();
        let departments = view.subtree(office).into_iter();
        departments.filter(|(_, s)| s.kind.code() == "department").map(|(depth, _)| depth + 1).max()
    };
    assert_eq!((level(BEFORE).await, level(AFTER).await), (Some(3), Some(2)));
    let days = (BEFORE.parse().unwrap(), AFTER.parse().unwrap());
    let compared = structure::compare(&site.app, &Viewer::Guest, days.0, days.1).await.unwrap();
    assert_eq!((compared.before.shape(office).levels, compared.after.shape(office).levels), (3, 2));
    let (_, changes) = site.get("", &format!("/organisations/changes?with={BEFORE}&on={AFTER}")).await;
    assert!(changes.contains("新设") && changes.contains("撤销") && changes.contains("更名"), "{changes}");
    let (_, gone) = site.get("", &format!("/organisations/{}", named(&site, "街道民政科", BEFORE).await)).await;
    assert!(gone.contains("已经没有这个组织"));
}

#[tokio::test]
async fn the_matrix_opens_its_cells() {
    let site = site().await;
    let committee = named(&site, "静安寺街道综合党委", "2026-01-01").await;
    let area = area(&site, "美丽园居民区").await;
    let (_, body) = site.get("", &format!("/organisations/matrix?line={committee}&area={area}")).await;
    assert!(
        body.contains("id=\"cell\"") && body.contains("美丽园楼宇联合党支部") && body.contains("延西大厦联合党支部")
    );
    assert!(!body.contains("景华中心联合党支部"));
    let (_, earlier) = site.get("", &format!("/organisations/matrix?on=2009-03-31&line={committee}&area={area}")).await;
    assert!(!earlier.contains("美丽园楼宇联合党支部") && earlier.contains("美丽园龙都大酒店党支部"));
}

#[tokio::test]
async fn areas_show_their_system_and_three_kinds_of_party_organisations() {
    let site = site().await;
    for name in ["美丽园居民区", "华山居民区", "景华居民区", "愚谷居民区"] {
        let (_, body) = site.get("", &format!("/areas/{}/system", area(&site, name).await)).await;
        assert!(body.contains("组织体系完整"), "{name}");
    }
    let (_, body) = site.get("", &format!("/areas/{}/system", area(&site, "裕华居民区").await)).await;
    assert!(body.contains("没有社会组织") && !body.contains("没有业委会"));
    let (_, body) = site.get("", &format!("/areas/{}/system?on=2010-01-01", area(&site, "裕华居民区").await)).await;
    assert!(body.contains("没有业委会"));
    let (_, body) = site.get("secretary", &format!("/areas/{}/system", area(&site, "华山居民区").await)).await;
    for name in ["华山居民区第一党支部", "明理律师事务所党支部", "上海戏剧学院党委", "上海市教育卫生工作党委"]
    {
        assert!(body.contains(name), "{name}");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_exported() {
    let site = site().await;
    let area = area(&site, "美丽园居民区").await;
    let (_, body) = site.get("", &format!("/organisations?kind=joint_branch&place={area}")).await;
    assert!(
        body.contains(">美丽园楼宇联合党支部</a>")
            && !body.contains(">景华中心联合党支部</a>")
            && body.contains("共 2 条"),
        "{body}"
    );
    let (_, body) = site.get("", "/organisations?q=zuzhirenshi&on=2000-01-01").await;
    assert!(body.contains("街道组织人事科"));
    let (_, body) = site.get("", "/organisations?q=zuzhirenshi").await;
    assert!(body.contains("没有符合条件的组织"));
    let csv = site.get_in("", "/organisations.csv?kind=department&on=2008-07-01", "en").await;
    let lines: Vec<&str> = csv.body.trim().lines().collect();
    assert_eq!(lines.len(), 7, "{}", csv.body);
    assert!(lines[0].contains("Name,Kind,Superior") && csv.body.contains("2008-07-01"));
    assert!(site.get_in("", "/organisations.xlsx", "en").await.bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn staff_found_change_correct_and_close() {
    let site = site().await;
    let department = named(&site, "街道社区服务部", "2026-01-01").await;
    let root = site.app.territory().await.unwrap().root().to_string();
    for path in ["/organisations/new".to_owned(), format!("/organisations/{department}/change")] {
        assert_eq!(site.get("", &path).await.0, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(site.get("resident", &path).await.0, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(site.get("staff", &path).await.0, StatusCode::OK, "{path}");
    }
    let superior = department.to_string();
    let mut fields = vec![
        ("name", "街道助老科"),
        ("kind", "department"),
        ("line", superior.as_str()),
        ("place", root.as_str()),
        ("from", "2020-01-01"),
    ];
    assert_eq!(site.post("resident", "/organisations/new", &fields).await.0, StatusCode::FORBIDDEN);
    let made = site.post_answer("staff", "/organisations/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let address = made.location().to_owned();
    let (_, page) = site.get("staff", &address).await;
    assert!(page.contains("街道助老科") && page.contains("街道社区服务部") && page.contains("2020年1月1日"));
    fields[0].1 = "街道为老服务科";
    fields[4].1 = "2024-01-01";
    let changed = site.post_answer("staff", &format!("{address}/change"), &fields).await;
    assert_eq!(changed.location(), address);
    let (status, again) = site.post("staff", &format!("{address}/change"), &fields).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && again.contains("没有要登记的变化"));
    assert!(
        site.get("staff", &format!("{address}?on=2023-12-31"))
            .await
            .1
            .contains("<h1 class=\"page-title\">街道助老科</h1>")
    );
    let (_, form) = site.get("staff", &format!("{address}/correct/2024-01-01")).await;
    assert!(form.contains("value=\"街道为老服务科\""));
    fields[4].1 = "2025-01-01";
    assert_eq!(site.post("staff", &format!("{address}/correct/2024-01-01"), &fields).await.0, StatusCode::SEE_OTHER);
    assert!(
        site.get("staff", &format!("{address}?on=2024-06-30"))
            .await
            .1
            .contains("<h1 class=\"page-title\">街道助老科</h1>")
    );
    let (status, refused) =
        site.post("staff", &format!("/organisations/{department}/close"), &[("from", "2026-01-01")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.contains("还隶属于它"), "{refused}");
    assert!(site.get("staff", &format!("{address}/close")).await.1.contains("撤销街道为老服务科"));
    assert_eq!(
        site.post("staff", &format!("{address}/close"), &[("from", "2026-01-01")]).await.0,
        StatusCode::SEE_OTHER
    );
    assert!(site.get("staff", &address).await.1.contains("已经没有这个组织"));
    let (status, circle) = site
        .post(
            "staff",
            &format!("/organisations/{department}/change"),
            &[
                ("name", "街道社区服务部"),
                ("kind", "department"),
                ("line", superior.as_str()),
                ("place", root.as_str()),
                ("from", "2026-01-01"),
            ],
        )
        .await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && circle.contains("不能隶属于自己"));
    assert_eq!(site.get("staff", "/organisations/none").await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.get("staff", &format!("/organisations/{}", Uuid::nil())).await.0, StatusCode::NOT_FOUND);
}
