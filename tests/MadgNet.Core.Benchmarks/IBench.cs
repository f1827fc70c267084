namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Something whose time or memory is measured. A class of this project that implements it, and has a constructor
/// without parameters, is run by <c>./build.sh bench NAME</c>; there is no list to add it to.
/// </summary>
internal interface IBench
{
    /// <summary>The name on the command line: lower case, words parted by hyphens.</summary>
    string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    string Summary { get; }

    /// <summary>Measures and writes the figures, with their units, as a table.</summary>
    void Run(TextWriter output, CancellationToken cancellationToken);
}
