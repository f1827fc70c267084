using System.Globalization;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training.Reporting;
using MadgNet.Reports.Charts;

namespace MadgNet.Reports.Pages;

/// <summary>
/// The page of a training run, made of what its folder holds: curves, scores of the best validation with their intervals, data and split,
/// settings, warnings and machines. Pictures of cases and calibration need the images, and are shown where they are handed over.
/// </summary>
public static class TrainingPage
{
    /// <summary>Makes the page.</summary>
    /// <param name="folder">The run's folder, with <c>manifest.json</c> and, where they were written, <c>epochs.csv</c> and
    /// <c>best-validation.json</c>.</param>
    /// <param name="validation">An evaluation of the validation images; null for the folder's own.</param>
    /// <param name="curves">What was seen of the maps of that evaluation; null for nothing.</param>
    /// <param name="pictures">Pictures of validation cases; null for none.</param>
    /// <returns>The page.</returns>
    /// <exception cref="MadgNet.Core.Training.TrainingException">The folder holds no manifest, or one that cannot be read.</exception>
    /// <exception cref="ReportException">The history cannot be read.</exception>
    /// <exception cref="EvaluationException">The folder's evaluation is damaged.</exception>
    public static HtmlReport Create(
        string folder,
        EvaluationReport? validation = null,
        EvaluationCurves? curves = null,
        IReadOnlyList<CasePicture>? pictures = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var manifest = RunManifest.Load(folder);
        var history = RunHistory.Load(folder);
        string stored = Path.Combine(folder, RunFolder.EvaluationFileName);
        validation ??= File.Exists(stored) ? EvaluationReport.LoadJson(stored) : null;
        var page = new HtmlReport(
            manifest.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), manifest.Model.Description);
        AddSummary(page.Add("Summary"), manifest);
        AddCurves(page.Add("Curves"), manifest, history);
        if (validation is null)
        {
            page.Add("Scores").AddNotice(NoticeKind.Note, "The folder holds no evaluation of the best epoch.");
        }
        else
        {
            EvaluationSections.AddScores(page.Add("Scores"), validation, new BootstrapOptions());
            EvaluationSections.AddCases(page.Add("Cases"), validation, pictures ?? []);
            EvaluationSections.AddCurves(page, validation, curves);
        }

        AddData(page.Add("Data and split"), manifest);
        AddSettings(page.Add("Settings"), manifest);
        AddWarnings(page.Add("Warnings"), manifest);
        AddSessions(page.Add("Environment"), manifest);
        return page;
    }

    private static void AddSummary(ReportSection section, RunManifest manifest)
    {
        ManifestSession last = manifest.Sessions[^1];
        section.AddFacts(
            ("Network", manifest.Model.Description),
            ("Parameters", manifest.Parameters.ToString("N0", CultureInfo.InvariantCulture)),
            ("Epochs", $"{last.EpochsAfter}, {last.StepsAfter} optimizer steps"),
            ("Ended", last.Reason?.ToString() ?? "not yet, or the process was killed"),
            ("Best", manifest.BestScore is { } best
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"epoch {manifest.BestEpoch}: Dice {best.Dice:F4}, IoU {best.IntersectionOverUnion:F4} on {best.Images} validation images")
                : "not validated"),
            ("Images", string.Join(", ", manifest.Data.Select(data => $"{data.Part} {data.Names.Count}"))));
        if (last.Error is not null)
        {
            section.AddNotice(NoticeKind.Error, last.Error);
        }

        if (manifest.Warnings.Count > 0)
        {
            section.AddNotice(NoticeKind.Warning, $"The run noticed {manifest.Warnings.Count} things about itself: see Warnings.");
        }
    }

    private static void AddCurves(ReportSection section, RunManifest manifest, RunHistory history)
    {
        if (history.Count == 0)
        {
            section.AddNotice(NoticeKind.Note, "The folder holds no history of epochs.");
            return;
        }

        double[] epochs = history["epoch"];
        LineChart With(LineChart chart) => manifest.BestEpoch > 0 ? chart.Mark(manifest.BestEpoch, "best") : chart;
        section.AddChart(
            With(new LineChart { XLabel = "epoch", YLabel = "loss" }.Add("training loss", epochs, history["loss"])),
            "The mean loss of each epoch's training steps.");
        var scores = new LineChart { XLabel = "epoch", YLabel = "validation score" };
        foreach ((string column, string name) in new[]
        {
            ("validation_dice", "Dice"), ("validation_iou", "IoU"), ("average_dice", "Dice, averaged weights"),
            ("average_iou", "IoU, averaged weights"),
        })
        {
            if (history[column].Any(double.IsFinite))
            {
                int[] measured = [.. Enumerable.Range(0, history.Count).Where(i => double.IsFinite(history[column][i]))];
                scores.Add(name, [.. measured.Select(i => epochs[i])], [.. measured.Select(i => history[column][i])]);
            }
        }

        if (history["validation_dice"].Any(double.IsFinite))
        {
            section.AddChart(With(scores), "The mean overlap on the validation images; the best epoch's weights are kept.");
        }

        AddStages(section, history, epochs);
        section.AddChart(
            new LineChart { XLabel = "epoch", YLabel = "learning rate", LogarithmicY = history["learning_rate"].Any(rate => rate > 0) }
                .Add("learning rate", epochs, history["learning_rate"]),
            "The learning rate of each epoch's last step.");
        if (history["gradient_norm"].Any(double.IsFinite))
        {
            section.AddChart(
                new LineChart { XLabel = "epoch", YLabel = "norm", LogarithmicY = true }.Add("norm", epochs, history["gradient_norm"]),
                "The mean norm of the gradients before clipping.");
        }
    }

    private static void AddStages(ReportSection section, RunHistory history, double[] epochs)
    {
        string[] stages = [.. history.Columns.Where(column =>
            column.StartsWith("stage", StringComparison.Ordinal) && history[column].Any(double.IsFinite))];
        if (stages.Length > 1)
        {
            var chart = new LineChart { XLabel = "epoch", YLabel = "loss" };
            foreach (string stage in stages)
            {
                chart.Add(stage.Replace('_', ' '), epochs, history[stage]);
            }

            section.AddChart(chart, "The terms of the loss, a line for each map of each stage, the deepest stage first.");
        }
    }

    private static void AddData(ReportSection section, RunManifest manifest)
    {
        foreach (ManifestData data in manifest.Data)
        {
            section.AddHeading(data.Part);
            section.AddFacts(
                ("Images", data.Names.Count.ToString(CultureInfo.InvariantCulture)),
                ("Labels", data.Labels.Count == 0 ? "one" : string.Join(", ", data.Labels)),
                ("SHA-256 of the names", data.Digest));
            var table = new ReportTable($"Names of the {data.Part} images", "name");
            foreach (string name in data.Names)
            {
                table.Add(name);
            }

            section.AddTable(table, folded: true);
        }
    }

    private static void AddSettings(ReportSection section, RunManifest manifest)
    {
        if (manifest.Command is not null)
        {
            section.AddText("The command that repeats the run:").AddCode(manifest.Command);
        }

        section.AddFacts(
            ("Seed of order and augmentation", manifest.Seed.ToString(CultureInfo.InvariantCulture)),
            ("Seed of fresh weights", manifest.WeightSeed?.ToString(CultureInfo.InvariantCulture) ?? "not stated"),
            ("SHA-256 of the first weights", manifest.InitialWeights ?? "not known"));
        section.AddFacts(manifest.Notes.Select(note => (note.Key, note.Value)));
        Add("Trainer", manifest.Trainer);
        Add("Training batches", manifest.TrainingLoader);
        Add("Validation batches", manifest.ValidationLoader ?? new Dictionary<string, string>());
        section.AddText("The network:").AddCode(manifest.Model.Options);

        void Add(string name, IReadOnlyDictionary<string, string> settings)
        {
            var table = new ReportTable(name, "setting", "value");
            foreach ((string key, string value) in settings)
            {
                table.Add(key, value);
            }

            if (table.Rows.Count > 0)
            {
                section.AddTable(table, folded: true);
            }
        }
    }

    private static void AddWarnings(ReportSection section, RunManifest manifest)
    {
        if (manifest.Warnings.Count == 0)
        {
            section.AddNotice(NoticeKind.Good, "The run noticed nothing odd about itself.");
            return;
        }

        var table = new ReportTable(
            "What the run noticed about itself",
            ReportColumn.Text("kind"),
            ReportColumn.Number("epoch"),
            ReportColumn.Number("step"),
            ReportColumn.Text("what, and what to do"));
        foreach (ManifestWarning warning in manifest.Warnings)
        {
            table.Add(warning.Kind.ToString(), warning.Epoch, ReportCell.Count(warning.Step), warning.Message);
        }

        section.AddTable(table);
    }

    private static void AddSessions(ReportSection section, RunManifest manifest)
    {
        var table = new ReportTable(
            "The stretches of the run",
            ReportColumn.Text("started (UTC)"),
            ReportColumn.Text("ended (UTC)"),
            ReportColumn.Text("end"),
            ReportColumn.Number("steps"),
            ReportColumn.Text("machine"),
            ReportColumn.Text("device"),
            ReportColumn.Text("precision"));
        foreach (ManifestSession session in manifest.Sessions)
        {
            table.Add(
                Time(session.Started),
                session.Ended is { } ended ? Time(ended) : "–",
                session.Reason?.ToString() ?? "–",
                ReportCell.Count(session.StepsAfter - session.StepsBefore),
                $"{session.Machine}, {session.OperatingSystem}, {session.Processors} processors",
                session.Device,
                session.Precision);
        }

        section.AddTable(table).AddText(manifest.Sessions[^1].Runtime.ToString());
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
