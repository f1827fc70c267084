using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;

namespace MadgNet.Core.Models.Registry;

/// <summary>A channel attention by its name.</summary>
/// <param name="Name">The name in files and options.</param>
/// <param name="Create">Makes one for a place in a network; null for no attention there.</param>
public sealed record ChannelAttentionEntry(string Name, Func<ChannelAttentionContext, ChannelAttention?> Create) : RegistryEntry(Name);
