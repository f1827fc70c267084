using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Reports.Tests;

public sealed class ReportWriterTests
{
    private static readonly ModelRegistry Registry = ModelRegistry.BuiltIn.With(
        new EncoderEntry("tiny", channels => new TinyEncoder(channels, TinyModel.Levels)));

    [Fact]
    public void A_training_writes_its_page_with_curves_scores_and_pictures()
    {
        using var folder = new TemporaryFolder();
        var logger = new ListLogger();
        Train(folder, [
            new HistoryWriter(), new RunFolder(), new ReportWriter(new ReportWriterOptions { Cases = 1, Registry = Registry }, logger)]);
        string html = File.ReadAllText(folder.File(ReportWriter.FileName));
        Assert.Empty(logger.Warnings);
        Assert.All(
            ["training loss", "Best cases", "Worst cases", "Threshold and calibration", "Completed", "mean Dice"],
            text => Assert.Contains(text, html, StringComparison.Ordinal));
        Assert.Equal(3, html.Split("data:image/png;base64,").Length - 1);
    }

    [Fact]
    public void Without_cases_the_page_is_made_of_the_files_alone_and_lies_where_it_should()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        Train(folder, [new RunFolder(), new ReportWriter(new ReportWriterOptions { Cases = 0, Path = other.File("page.html") })]);
        string html = File.ReadAllText(other.File("page.html"));
        Assert.DoesNotContain("data:image/png;base64,", html, StringComparison.Ordinal);
        Assert.Contains("Completed", html, StringComparison.Ordinal);
        Assert.DoesNotContain(ReportWriter.FileName, folder.Files);
    }

    [Fact]
    public void Parts_that_no_registry_has_leave_a_page_without_pictures()
    {
        using var folder = new TemporaryFolder();
        var logger = new ListLogger();
        Train(folder, [new RunFolder(), new ReportWriter(null, logger)]);
        Assert.Contains("has no pictures", Assert.Single(logger.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("data:image/png;base64,", File.ReadAllText(folder.File(ReportWriter.FileName)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_cannot_be_written_does_not_end_the_training()
    {
        using var folder = new TemporaryFolder();
        var logger = new ListLogger();
        var options = new ReportWriterOptions { Cases = 0, Path = Path.Combine(folder.Root, "missing", "page.html") };
        Train(folder, [new RunFolder(), new ReportWriter(options, logger)]);
        Assert.Contains("Cannot write the run's page", Assert.Single(logger.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_page_is_made_of_has_to_come_before_it()
    {
        using MadgNetModel model = Model();
        var writer = new ReportWriter();
        var run = new TrainingRun(
            model, new TrainerOptions { Observers = [writer, new RunFolder()] }, Loader(2), null, 0, 0, "float32");
        var refused = Assert.Throws<InvalidOptionsException>(() => writer.RunStarted(run));
        Assert.Equal(["OutputFolder", "Observers"], refused.Problems.Select(problem => problem.Subject));
    }

    [Fact]
    public void Options_are_checked() => Assert.Equal(
        3,
        Assert.Throws<InvalidOptionsException>(() => new ReportWriter(
            new ReportWriterOptions { Path = " ", Cases = -1, Channels = [0, 1] })).Problems.Count);

    private static void Train(TemporaryFolder folder, IReadOnlyList<ITrainingObserver> observers)
    {
        using MadgNetModel model = Model();
        new Trainer(model, new TrainerOptions { Epochs = 1, OutputFolder = folder.Root, Observers = observers })
            .Train(Loader(4), Loader(3, seed: 2));
    }

    private static MadgNetModel Model() => new(TinyModel.Options with { Encoder = "tiny" }, Registry, seed: 0);

    private static BatchLoader Loader(int count, int seed = 1) =>
        new(Discs.Dataset(count, seed: seed), new BatchLoaderOptions { BatchSize = 2, Workers = 0, Shuffle = false });
}
