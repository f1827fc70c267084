using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;

namespace MadgNet.Core.Models.Registry;

/// <summary>A spatial attention by its name.</summary>
/// <param name="Name">The name in files and options.</param>
/// <param name="Create">Makes one for a number of channels; null for no attention.</param>
public sealed record SpatialAttentionEntry(string Name, Func<long, SpatialAttention?> Create) : RegistryEntry(Name);
