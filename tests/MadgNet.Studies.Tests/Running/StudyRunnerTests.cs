using System.Globalization;
using MadgNet.Core.Tests.Support;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Reporting;
using MadgNet.Studies.Running;
using MadgNet.Studies.Tests.Support;

namespace MadgNet.Studies.Tests.Running;

/// <summary>Studies that are really trained. One run through, which takes seconds, is what all others are compared with.</summary>
public sealed class StudyRunnerTests : IClassFixture<StudyRunnerTests.RunThrough>
{
    private static readonly string[] Reports =
        ["report.md", "report.csv", "report.tex", "report.json", "forest.svg", "curves.svg", "matrix.svg"];

    private readonly RunThrough _whole;

    public StudyRunnerTests(RunThrough whole) => _whole = whole;

    [Fact]
    public void Every_cell_has_a_result_and_no_run_is_left()
    {
        Assert.Equal(4, _whole.Cells.Count);
        Assert.All(_whole.Cells, cell =>
        {
            Assert.Equal(CellStatus.Done, cell.Status);
            Assert.Equal(3, cell.Steps);
            Assert.Equal(["discs", "others"], cell.Sets.Select(set => set.Name));
            Assert.Equal([true, false], cell.Sets.Select(set => set.Seen));
            Assert.Equal([3, 4], cell.Sets.Select(set => set.Cases.Count));
            Assert.InRange(cell.Sets[1].Values["Dice"].Average(), 0, 1);
            Assert.True(cell.Gigaflops > 0 && cell.Parameters > 1e4);
            Assert.Equal([1, 2, 3], cell.Curve!.Steps);
            Assert.True(cell.Cost!.SecondsPerStep > 0 && cell.Cost.MillisecondsPerImage > 0 && cell.Cost.PeakMemoryBytes > 1e6);
        });
        Assert.NotEmpty(_whole.Cells.First(cell => cell.Key.Variant == "dct").Attention);
        Assert.Empty(_whole.Cells.First(cell => cell.Key.Variant == "plain").Attention);
        Assert.Empty(Directory.EnumerateDirectories(_whole.Output, "run", SearchOption.AllDirectories));
        Assert.NotEqual(_whole.Cells[0].Sets[0].Values["Dice"], _whole.Cells[2].Sets[0].Values["Dice"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_study_that_is_stopped_at_random_moments_and_continued_gives_the_same_report(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        int stops = 0;
        for (bool done = false; !done && stops < 40;)
        {
            // A moment is a step, or a point between training, testing and saving; the next one is 1 to 4 of them away.
            using var source = new CancellationTokenSource();
            int left = random.Next(1, 5);
            void Moment()
            {
                if (--left == 0)
                {
                    source.Cancel();
                    source.Token.ThrowIfCancellationRequested();
                }
            }

            var runner = new StudyRunner(
                TinyStudy.Create(), TinyStudy.Options(_whole.Data, folder.Root) with { Probe = _ => Moment() });
            try
            {
                runner.Run(new Each(value =>
                {
                    if (value.Training is { Phase: MadgNet.Core.Training.TrainingPhase.Training })
                    {
                        Moment();
                    }
                }), source.Token);
                done = true;
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        Assert.InRange(stops, 3, 39);
        Same(folder.Root, StudyReport.Load(folder.Root));
    }

    [Fact]
    public void Three_shards_put_together_give_the_same_report()
    {
        using var folder = new TemporaryFolder();
        string[] parts = [.. Enumerable.Range(1, 3).Select(shard => Path.Combine(folder.Root, $"part{shard}"))];
        for (int shard = 1; shard <= 3; shard++)
        {
            IReadOnlyList<StudyCell> cells = new StudyRunner(
                TinyStudy.Create(), TinyStudy.Options(_whole.Data, parts[shard - 1]) with { Shard = new Shard(shard, 3) }).Run();
            Assert.Equal(shard == 1 ? 2 : 1, cells.Count);
        }

        Same(Path.Combine(folder.Root, "together"), StudyReport.Load([parts[2], parts[0], parts[1]]));
    }

    [Fact]
    public void A_run_that_is_done_runs_nothing_and_cells_can_be_added()
    {
        using var folder = new TemporaryFolder();
        Copy(_whole.Output, folder.Root);
        var ran = new List<StudyCellKey>();
        var note = new Each(value => ran.Add(value.Cell));
        new StudyRunner(TinyStudy.Create(), TinyStudy.Options(_whole.Data, folder.Root)).Run(note);
        Assert.Empty(ran);
        Study more = TinyStudy.Create() with { Seeds = [2], Variants = [TinyStudy.Create().Variants[0]] };
        var runner = new StudyRunner(more, TinyStudy.Options(_whole.Data, folder.Root));
        runner.Run(note);
        Assert.Equal([new StudyCellKey("plain", 2)], ran.Distinct());
        StudyReport report = StudyReport.Load(folder.Root);
        Assert.Equal([0, 1, 2], report.Study.Seeds);
        Assert.Equal(5, report.Cells.Count);
        Assert.Equal([new StudyCellKey("dct", 2)], report.Missing);
    }

    [Fact]
    public void A_cell_that_fails_is_a_result_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        Study study = TinyStudy.Create() with { Seeds = [0] };
        study = study with
        {
            Variants = [study.Variants[0], new StudyVariant { Name = "nothing", Channels = [7] }],
        };
        IReadOnlyList<StudyCell> cells = new StudyRunner(study, TinyStudy.Options(_whole.Data, folder.Root)).Run();
        Assert.Equal([CellStatus.Done, CellStatus.Failed], cells.Select(cell => cell.Status));
        Assert.Contains("channel 7", cells[1].Error, StringComparison.Ordinal);
        Assert.Contains("## Cells that failed", StudyReport.Load(folder.Root).ToMarkdown(), StringComparison.Ordinal);
        var ran = new List<StudyCellKey>();
        new StudyRunner(study, TinyStudy.Options(_whole.Data, folder.Root)).Run(new Each(value => ran.Add(value.Cell)));
        Assert.Empty(ran);
        new StudyRunner(study, TinyStudy.Options(_whole.Data, folder.Root) with { RetryFailed = true })
            .Run(new Each(value => ran.Add(value.Cell)));
        Assert.Equal([new StudyCellKey("nothing", 0)], ran.Distinct());
    }

    [Fact]
    public void A_cell_that_another_process_runs_is_left_to_it()
    {
        using var folder = new TemporaryFolder();
        Study study = TinyStudy.Create() with { Seeds = [0] };
        string cell = folder.File("cells/plain/seed-0/running.lock");
        using (new FileStream(cell, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            IReadOnlyList<StudyCell> cells = new StudyRunner(study, TinyStudy.Options(_whole.Data, folder.Root)).Run();
            Assert.Equal("dct", Assert.Single(cells).Key.Variant);
        }
    }

    [Fact]
    public void A_folder_of_other_settings_is_refused_before_anything_is_run()
    {
        Study other = TinyStudy.Create() with { Budget = new StudyBudget { Steps = 4 } };
        StudyException exception = Assert.Throws<StudyException>(
            () => new StudyRunner(other, TinyStudy.Options(_whole.Data, _whole.Output)));
        Assert.Contains("budget 3 steps before, 4 steps now", exception.Message, StringComparison.Ordinal);
        Assert.Throws<StudyException>(
            () => new StudyRunner(TinyStudy.Create() with { Name = "another" }, TinyStudy.Options(_whole.Data, _whole.Output)));
    }

    [Fact]
    public void Sets_that_are_missing_are_all_named()
    {
        using var folder = new TemporaryFolder();
        StudyException exception = Assert.Throws<StudyException>(
            () => new StudyRunner(TinyStudy.Create(), TinyStudy.Options(folder.Root, folder.File("out/x"))));
        Assert.Equal(2, exception.Problems.Count);
        Assert.Throws<StudyException>(
            () => new StudyRunner(TinyStudy.Create(), TinyStudy.Options(Path.Combine(folder.Root, "absent"), folder.File("out/x"))));
        Assert.Throws<InvalidOptionsException>(
            () => new StudyRunner(TinyStudy.Create(), TinyStudy.Options(_whole.Data, "")));
    }

    [Fact]
    public void A_budget_of_seconds_becomes_the_same_steps_for_a_run_that_goes_on()
    {
        using var folder = new TemporaryFolder();
        Study study = TinyStudy.Create() with
        {
            Seeds = [0],
            Variants = [TinyStudy.Create().Variants[0]],
            Budget = new StudyBudget { Seconds = 1 },
        };
        StudyCell cell = Assert.Single(
            new StudyRunner(study, TinyStudy.Options(_whole.Data, folder.Root) with { KeepRuns = true }).Run());
        string steps = File.ReadAllText(Path.Combine(folder.Root, "cells", "plain", "seed-0", "run", "steps.json"));
        Assert.Equal(cell.Steps.ToString(CultureInfo.InvariantCulture), steps);
        Assert.True(cell.Steps >= 1);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*.json", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private void Same(string folder, StudyReport report)
    {
        report.Save(folder);
        foreach (string name in Reports)
        {
            Assert.Equal(File.ReadAllText(Path.Combine(_whole.Output, name)), File.ReadAllText(Path.Combine(folder, name)));
        }
    }

    /// <summary>The study, run once without a stop.</summary>
    public sealed class RunThrough : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public RunThrough()
        {
            Data = TinyStudy.Data(Path.Combine(_folder.Root, "data"));
            Output = Path.Combine(_folder.Root, "output");
            Cells = new StudyRunner(TinyStudy.Create(), TinyStudy.Options(Data, Output)).Run();
            StudyReport.Load(Output).Save(Output);
        }

        public string Data { get; }

        public string Output { get; }

        public IReadOnlyList<StudyCell> Cells { get; }

        public void Dispose() => _folder.Dispose();
    }

    private sealed class Each(Action<StudyProgress> action) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => action(value);
    }
}
