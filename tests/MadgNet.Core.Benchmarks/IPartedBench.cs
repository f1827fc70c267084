namespace MadgNet.Core.Benchmarks;

/// <summary>A measurement of several parts, which the command line may name: <c>./build.sh bench NAME [PART…]</c>.</summary>
internal interface IPartedBench : IBench
{
    /// <summary>The names of the parts, in the order in which they are run.</summary>
    IReadOnlyList<string> Parts { get; }

    /// <summary>Measures some of the parts and writes the figures.</summary>
    void Run(IReadOnlyList<string> parts, TextWriter output, CancellationToken cancellationToken);
}
