namespace MadgNet.Core.Foundation;

/// <summary>Outputs that would destroy something. Nothing was written.</summary>
public sealed class OutputException : MadgNetException
{
    /// <summary>Creates the exception from all problems that were found.</summary>
    /// <param name="problems">The problems; at least one.</param>
    public OutputException(IReadOnlyList<Problem> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems { get; }
}
