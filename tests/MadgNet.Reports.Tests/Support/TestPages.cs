using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Reports.Pages;
using MadgNet.Studies;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Reporting;
using MadgNet.Studies.Tests.Support;

namespace MadgNet.Reports.Tests.Support;

/// <summary>A page of each kind, filled with what hostile users may have named their things.</summary>
internal static class TestPages
{
    public static HtmlReport Training(string folder)
    {
        var curves = new EvaluationCurves();
        EvaluationReport validation = Evaluations.Make(0.9, curves);
        RunFolders.Write(folder, validation);
        return TrainingPage.Create(folder, null, curves, CasePictures.Draw(validation, Maps));
    }

    public static HtmlReport Evaluation()
    {
        var curves = new EvaluationCurves();
        EvaluationReport report = Evaluations.Make(0.9, curves);
        return EvaluationPage.Create(report, curves, CasePictures.Draw(report, Maps));
    }

    public static HtmlReport Comparison() => ComparisonPage.Create(
        [
            (Evaluations.Hostile, Evaluations.Make(1.2, count: 40)), ("B", Evaluations.Make(0.4, count: 40)),
            ("C", Evaluations.Make(0.9, count: 40)),
        ],
        [Metric.Dice, Metric.HausdorffDistance95]);

    public static HtmlReport Doctor()
    {
        CaseMaps maps = Evaluations.Maps(1, 0);
        var empty = new FloatImage(1, maps.Image.Height, maps.Image.Width);
        IDataset data = new InMemoryDataset(
            [new Sample(Evaluations.Hostile, maps.Image, [empty]), new Sample("b", Evaluations.Maps(5, 0).Image, maps.Truth)]);
        DoctorReport report = DatasetDoctor.ExamineSplits([(Evaluations.Hostile, data)], new DoctorOptions());
        return DoctorPage.Create(report, [(Evaluations.Hostile, data)]);
    }

    /// <summary>A study of which one cell has failed and one was not run, with three variants of which one is better.</summary>
    public static HtmlReport Study(string name)
    {
        Study study = SimulatedStudy.Create(variants: 3, seeds: 5) with { Title = name, Question = name, Reading = name };
        study = study with
        {
            Variants = [.. study.Variants.Select((variant, i) => variant with { Title = $"{name} {(char)('A' + i)}" })],
        };
        List<StudyCell> cells = SimulatedStudy.Draw(study, new Normal(3), 40, [0, 0.12, 0.005], seedDeviation: 0.01);
        cells[^2] = cells[^2] with { Status = CellStatus.Failed, Error = name, Sets = [], Curve = null, Cost = null };
        return StudyReport.Create(study, [.. cells.SkipLast(1)]).ToPage();
    }

    private static CaseMaps? Maps(string name) =>
        Evaluations.Maps(int.Parse(name.AsSpan(0, 2), System.Globalization.CultureInfo.InvariantCulture), 0.9);
}
