namespace MadgNet.Core.Training.Reporting;

/// <summary>What a <see cref="TensorBoardWriter"/> writes, how often and where.</summary>
public sealed record TensorBoardOptions
{
    /// <summary>
    /// The folder of the event files, created when absent; null for <c>tensorboard</c> in the run's output folder. Default null.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Every how many steps losses, rate and norms are written; 1 or more. Default 1.</summary>
    public int ScalarsEvery { get; init; } = 1;

    /// <summary>
    /// After every how many epochs the distribution of each weight and of its gradient is written; 0 for never. Each time all
    /// weights are read: some tenths of a second for the published network. Default 1.
    /// </summary>
    public int HistogramsEvery { get; init; } = 1;

    /// <summary>
    /// Whether the pictures of a validation are written; how many there are is <c>TrainerOptions.ValidationPictures</c>. Default true.
    /// </summary>
    public bool Pictures { get; init; } = true;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(ScalarsEvery), ScalarsEvery, 1);
        Guard.Range(problems, nameof(HistogramsEvery), HistogramsEvery, 0);
        return problems;
    }
}
