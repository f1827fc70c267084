using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>Reports in the schema <c>madgnet-study-report</c>, version 1.</summary>
internal static class StudyReportJson
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(StudyReport report)
    {
        var document = new JsonObject
        {
            ["schema"] = "madgnet-study-report",
            ["version"] = 1,
            ["study"] = JsonNode.Parse(report.Study.ToJson()),
            ["done"] = report.Cells.Count(cell => cell.Status == CellStatus.Done),
            ["missing"] = new JsonArray([.. report.Missing.Select(ToNode)]),
            ["failed"] = new JsonArray([.. report.Cells.Where(cell => cell.Status == CellStatus.Failed).Select(cell =>
            {
                JsonObject node = ToNode(cell.Key);
                node["error"] = cell.Error;
                return node;
            })]),
            ["scores"] = new JsonArray([.. report.Scores.Select(ToNode)]),
            ["comparisons"] = new JsonArray([.. report.Comparisons.Select(ToNode)]),
        };
        return new StringBuilder(document.ToJsonString(Format)).Append('\n').ToString();
    }

    private static JsonObject ToNode(StudyCellKey key) => new() { ["variant"] = key.Variant, ["seed"] = key.Seed };

    private static JsonNode ToNode(VariantScore score) => new JsonObject
    {
        ["variant"] = score.Variant.Name,
        ["sets"] = StudyTables.Name(score.Scope),
        ["metric"] = score.Metric,
        ["seeds"] = score.Score.Count,
        ["cases"] = score.Cases,
        ["mean"] = Number(score.Score.Mean),
        ["deviation"] = Number(score.Score.Deviation),
        ["lower"] = Number(score.Score.Interval.Lower),
        ["upper"] = Number(score.Score.Interval.Upper),
    };

    private static JsonNode ToNode(VariantComparison comparison)
    {
        CrossedDifference difference = comparison.Difference;
        return new JsonObject
        {
            ["variant"] = comparison.Variant.Name,
            ["sets"] = StudyTables.Name(comparison.Scope),
            ["metric"] = comparison.Metric,
            ["seeds"] = difference.Seeds,
            ["cases"] = difference.Cases,
            ["difference"] = Number(difference.Mean),
            ["lower"] = Number(difference.Interval.Lower),
            ["upper"] = Number(difference.Interval.Upper),
            ["degreesOfFreedom"] = Number(difference.DegreesOfFreedom),
            ["p"] = Number(difference.PValue),
            ["pHolm"] = Number(comparison.AdjustedPValue),
            ["pCases"] = difference.Cases == 0 ? null : Number(difference.CasesTest.PValue),
            ["pCasesHolm"] = Number(comparison.AdjustedCasesPValue),
            ["d"] = Number(difference.CohensD),
            ["rankBiserial"] = difference.Cases == 0 ? null : Number(difference.CasesTest.RankBiserialCorrelation),
            ["seedVariance"] = Number(difference.SeedVariance),
            ["caseVariance"] = Number(difference.CaseVariance),
            ["restVariance"] = Number(difference.RestVariance),
            ["seedsNeeded"] = difference.SeedsNeeded(),
            ["clear"] = comparison.IsClear,
            ["verdict"] = comparison.Verdict(),
        };
    }

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
