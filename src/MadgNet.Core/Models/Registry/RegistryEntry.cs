namespace MadgNet.Core.Models.Registry;

/// <summary>A named part in a <see cref="ModelRegistry"/>.</summary>
/// <param name="Name">The name in files and options: lower case letters, digits, <c>_</c> and <c>-</c>.</param>
public abstract record RegistryEntry(string Name)
{
    /// <summary>One line for people; may be empty.</summary>
    public string Description { get; init; } = string.Empty;
}
