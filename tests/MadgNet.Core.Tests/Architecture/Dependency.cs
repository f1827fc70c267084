namespace MadgNet.Core.Tests.Architecture;

/// <summary>A place in the library's source that uses a type of another of its namespaces.</summary>
internal sealed record Dependency(string From, string To, string FromType, string ToType, string Place)
{
    public override string ToString() => $"{Place}: {From}.{FromType} uses {To}.{ToType}";
}
